import type { ForwardCommand } from './forward';
import type { ClusterVm } from './kubeconfig';

/** Port of the API server on the VM. */
const API_PORT = 6443;

/** The command that forwards local port `localPort` to the VM's API server, through Identity-Aware Proxy. */
export function apiTunnel({ name, localPort, ...place }: ClusterVm): ForwardCommand {
  const local = `--local-host-port=localhost:${localPort}`;
  return {
    command: 'gcloud',
    args: ['compute', 'start-iap-tunnel', name, `${API_PORT}`, local, ...placeOf(place), '--quiet'],
    port: localPort,
  };
}

/** The command that forwards local port `localPort` to a port of the node, over SSH through Identity-Aware Proxy. */
export function nodePortTunnel({ name, localPort, ...place }: ClusterVm, nodePort: number): ForwardCommand {
  const how = ['--tunnel-through-iap', '--ssh-key-expire-after=1h', '--quiet'];
  const ssh = ['-N', '-o', 'ExitOnForwardFailure=yes', '-L', `127.0.0.1:${localPort}:localhost:${nodePort}`];
  return {
    command: 'gcloud',
    args: ['compute', 'ssh', name, ...placeOf(place), ...how, '--', ...ssh],
    port: localPort,
  };
}

function placeOf({ project, zone }: Pick<ClusterVm, 'project' | 'zone'>): string[] {
  return [`--project=${project}`, `--zone=${zone}`];
}
