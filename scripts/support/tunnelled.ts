import { isOpen, openForward } from '../../clients/forward';
import { apiTunnel } from '../../clients/tunnel';
import { clusterVmOf } from '../../clients/vm';
import type { Platform } from '../../platforms/schema/define-platform';

/**
 * Runs work while the API server of an environment's VM can be reached: through the tunnel that is already open on its port, or
 * through one that is closed afterwards.
 */
export async function tunnelled<T>(platform: Platform, env: string, work: () => Promise<T>): Promise<T> {
  const vm = clusterVmOf(platform, env);
  if (await isOpen(vm.localPort)) return work();
  const forward = await openForward(apiTunnel(vm));
  try {
    return await work();
  } finally {
    await forward.close();
  }
}
