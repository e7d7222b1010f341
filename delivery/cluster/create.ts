import { readFileSync } from 'node:fs';
import { inHome } from '../../clients/kubeconfig';
import { FailedError } from '../../errors';
import { kubeconfigOf } from '../../platforms/schema/environment';
import type { ClusterConfig } from '../../platforms/schema/hetzner-k3s-config';
import type { Timeline } from '../ship/timeline';
import type { DeliveryTools } from '../ship/tools';
import { writeEnvironmentSecret } from './environment-secret';
import { assertHetznerK3s, type ClusterSecrets, createCluster } from './hetzner-k3s';
import { nodesIn, type Readiness, readiness } from './readiness';

/** How long nodes may take to join, and drivers to be installed. */
const READY_MS = 600_000;
const LOOK_MS = 5_000;

/** A cluster that is to be created. */
export interface CreateRequest {
  readonly config: ClusterConfig;
  readonly secrets: ClusterSecrets;
  /** Writes the kubeconfig as a secret of the GitHub environment. @default - it stays on this machine */
  readonly infraToken?: string | undefined;
  readonly onOutput?: (text: string) => void;
}

/**
 * Creates the cluster of an environment, or changes the existing one, waits until it is ready and hands its kubeconfig to
 * GitHub. It can be run again after any failure: hetzner-k3s keeps what exists.
 */
export async function bringUpCluster(
  tools: Pick<DeliveryTools, 'platform' | 'env' | 'clock' | 'signal' | 'report' | 'kubectl'>,
  { config, secrets, infraToken, onOutput }: CreateRequest,
  timeline: Timeline,
): Promise<void> {
  const { platform, env, signal, report } = tools;
  await timeline.step('hetzner-k3s', () => assertHetznerK3s());
  await timeline.step(
    'create',
    () => createCluster(config, { secrets, signal, ...(onOutput && { onOutput }) }),
    () => config.cluster_name,
  );
  await timeline.step('ready', () => untilReady(tools, nodesIn(config)), sentence);
  const { path } = kubeconfigOf(platform, env);
  const secret = { url: platform.repository.url, env, name: 'KUBECONFIG' };
  if (infraToken === undefined) {
    const next = `set INFRA_DEPLOY_TOKEN to store it as secret ${secret.name} of GitHub environment ${env}`;
    return report(`  the kubeconfig is in ${path}; ${next}`);
  }
  const kubeconfig = readFileSync(inHome(path), 'utf8');
  await timeline.step(
    'kubeconfig',
    () => writeEnvironmentSecret(secret, kubeconfig, infraToken),
    () => `secret ${secret.name} of GitHub environment ${env}`,
  );
}

async function untilReady(
  { clock, signal, report, kubectl }: Pick<DeliveryTools, 'clock' | 'signal' | 'report' | 'kubectl'>,
  nodes: number,
): Promise<Readiness[]> {
  const deadline = clock.now() + READY_MS;
  for (let last = ''; ; ) {
    const found = await readiness(kubectl(), nodes);
    if (found.every(({ ok }) => ok)) return found;
    const said = sentence(found.filter(({ ok }) => !ok));
    if (said !== last) report(`  ${said}`);
    last = said;
    if (clock.now() >= deadline) {
      throw new FailedError(`the cluster is not ready after ${READY_MS / 60_000} minutes: ${said}; run this again`);
    }
    await clock.sleep(LOOK_MS, signal);
  }
}

function sentence(found: readonly Readiness[]): string {
  return found.map(({ what, detail }) => `${what}: ${detail}`).join('; ');
}
