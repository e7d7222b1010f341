import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { projectOf, vmOf, zoneOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { cloudTime, type GoogleClients, googleClients, httpStatus } from './google';
import type { ClusterVm } from './kubeconfig';
import { type Reading, reading } from './reading';
import { asleep, type VmState, vmStateOf } from './vm-state';

/** The VM of an environment. @throws {UsageError} if its cluster is of another kind. */
export function clusterVmOf(platform: Platform, env: string): ClusterVm {
  const { tunnelPort } = vmOf(platform, env);
  const { vm } = namesOf(platform.name, env);
  return { project: projectOf(platform), zone: zoneOf(platform, env), name: vm, localPort: tunnelPort };
}

/** Reads whether an environment's VM is available; undefined if its cluster is not a `k0s-vm`. */
export async function readVm(
  { compute }: GoogleClients,
  platform: Platform,
  env: string,
): Promise<Reading<VmState> | undefined> {
  const { cluster } = environmentOf(platform, env);
  if (cluster.kind !== 'k0s-vm') return undefined;
  const place = { project: projectOf(platform), zone: zoneOf(platform, env) };
  return reading(async () => {
    try {
      const { data, headers } = await compute.instances.get({ ...place, instance: namesOf(platform.name, env).vm });
      return vmStateOf(data.status ?? '', cluster, cloudTime(headers));
    } catch (error) {
      if (httpStatus(error) === 404) return vmStateOf(undefined, cluster, new Date());
      throw error;
    }
  });
}

/**
 * Ends a command early if the cluster is asleep. A state that cannot be read is ignored: connecting to the cluster then fails
 * with a better message.
 *
 * @throws {AsleepError}
 */
export async function assertAwake(platform: Platform, env: string): Promise<void> {
  const vm = await readVm(googleClients(), platform, env);
  if (vm && 'value' in vm && vm.value.state === 'asleep') {
    throw asleep(namesOf(platform.name, env).vm, vm.value);
  }
}
