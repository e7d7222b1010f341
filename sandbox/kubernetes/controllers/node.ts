import type { ClusterHost } from '../api-server/api';
import type { Node } from '../api-server/objects';
import { refOf } from '../api-server/reference';
import { builtIn } from './built-in';

/** Memory that firmware and kernel keep from the guest, as a share. Source: what Linux shows on common VMs; about. */
const KERNEL_SHARE = 0.03;
/** MiB that the kubelet keeps free. Source: kubelet's default `evictionHard`: memory.available < 100Mi. */
const EVICTION_MIB = 100;
/** Pods a node takes. Source: kubelet's default `maxPods`. */
const MAX_PODS = 110;

/** What pods may request on a machine: bytes and cores. */
export function allocatable(host: ClusterHost): { memory: number; cpu: number } {
  const visible = Math.floor(host.memoryMiB * (1 - KERNEL_SHARE));
  return { memory: (visible - EVICTION_MIB) * 2 ** 20, cpu: host.cpus };
}

/** Keeps the Node object in step with the machine. Its name is the one of the first boot, whatever the machine is called. */
export const node = builtIn('node', (cluster) => {
  const { host, data } = cluster;
  const metadata = {
    name: data.nodeName,
    labels: {
      'kubernetes.io/hostname': data.nodeName,
      'kubernetes.io/arch': host.architecture,
      'kubernetes.io/os': 'linux',
      'node-role.kubernetes.io/control-plane': 'true',
    },
  };
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata, spec: {} };
  const { status: before } = cluster.apply(node);
  const room = allocatable(host);
  const since = before?.conditions?.[0]?.lastTransitionTime ?? cluster.world.clock.iso();
  const ready = {
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status (simulated)',
    lastTransitionTime: since,
  };
  cluster.setStatus(refOf(node), {
    capacity: { cpu: String(host.cpus), memory: `${host.memoryMiB}Mi`, pods: String(MAX_PODS) },
    allocatable: { cpu: String(room.cpu), memory: `${Math.floor(room.memory / 2 ** 20)}Mi`, pods: String(MAX_PODS) },
    conditions: [{ type: 'Ready', status: 'True', ...ready }],
    addresses: [
      { type: 'InternalIP', address: host.address },
      { type: 'Hostname', address: data.nodeName },
    ],
    nodeInfo: {
      architecture: host.architecture,
      operatingSystem: 'linux',
      osImage: 'simulated',
      kernelVersion: 'simulated',
      kubeletVersion: `v${data.kubernetesVersion}+k0s`,
      containerRuntimeVersion: 'simulated://1',
    },
  });
});
