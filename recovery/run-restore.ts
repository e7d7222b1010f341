import type { Application } from '../clients/application';
import { type Clock, systemClock } from '../clients/clock';
import { type Reading, reading } from '../clients/reading';
import type { LayerId } from '../contracts/layers';
import { FailedError, RefusedError } from '../errors';
import type { Identity } from '../platforms/schema/identity';
import type { PlanSummary } from '../terraform/plan';
import type { Stack } from '../terraform/stack';
import { type ClusterRecord, clusterDifferences, identityDifferences } from './identity-record';

/** Resources that a restore may replace: the VM, what is attached to its disk, and permissions, whose condition names the zone. */
const REPLACEABLE = [
  'google_compute_instance',
  'google_compute_disk_resource_policy_attachment',
  'google_project_iam_member',
];

/** How long to wait until the VM or the application answers, and the pause between two attempts, in milliseconds. */
const PATIENCE_MS = 15 * 60_000;
const PAUSE_MS = 5_000;

/** What a restore needs of a clock. */
type Waiting = Pick<Clock, 'now' | 'sleep'>;

/** A restore whose choice is written, and what it runs on. */
export interface Restoring {
  /** Name of the environment. */
  readonly env: string;
  /** The layers in apply order, synthesised with the choice. The first one has the VM. */
  readonly layers: readonly { readonly layer: LayerId; readonly stack: Stack }[];
  /** The identity of the restored VM. */
  readonly identity: Identity;
  /** The cluster at the time of the snapshot. @default - the snapshot has no record of it */
  readonly cluster?: ClusterRecord | undefined;
  readonly application: Pick<Application, 'node' | 'clusterRecord' | 'assertSynced'>;
  /** Fetches the kubeconfig of the VM, and waits for one that boots. */
  fetchKubeconfig(): Promise<unknown>;
  /** Runs work while the API server of the VM can be reached. */
  connected<T>(work: () => Promise<T>): Promise<T>;
  /** Called when a step begins, and with what an attempt lacks when it is repeated. */
  begin(step: string): void;
  /** Aborted when the restore is interrupted. */
  readonly signal?: AbortSignal;
}

/** What a restore has done. */
export interface Restored {
  /** Layers that had changes. */
  readonly applied: readonly LayerId[];
  /** What was verified on the restored VM. */
  readonly verified: readonly string[];
}

/**
 * Applies the choice of a restore, verifies the restored VM, and applies the layers of its cluster. It can be interrupted and run
 * again at any time: each step finds what an earlier run has done.
 *
 * @throws {RefusedError} if the plan would replace more than the VM, or the restored VM is not the one that was lost.
 */
export async function runRestore(restoring: Restoring, clock: Waiting = systemClock): Promise<Restored> {
  const { layers, env, begin } = restoring;
  const [ground, ...inCluster] = layers;
  if (!ground) throw new FailedError(`environment ${env} has no layers`);
  const applied: LayerId[] = [];
  begin(`apply ${ground.layer}`);
  const plan = await ground.stack.plan();
  if (!plan.empty) {
    assertOnlyTheVm(ground.layer, plan);
    await ground.stack.apply();
    applied.push(ground.layer);
  }
  begin('wait for the VM, and fetch the kubeconfig');
  await restoring.fetchKubeconfig();
  return restoring.connected(async () => {
    begin('verify the restored VM');
    const verified = await verify(restoring, clock);
    for (const { layer, stack } of inCluster) {
      begin(`plan ${layer}, and apply what the snapshot lacks`);
      if ((await stack.plan()).empty) continue;
      await stack.apply();
      applied.push(layer);
    }
    begin('wait for the application');
    const { pods } = await patiently(() => restoring.application.assertSynced(), restoring, clock);
    return { applied, verified: [...verified, `application synced, ${pods.length} pods ready`] };
  });
}

/** @throws {RefusedError} if a plan destroys more than a restore may. */
export function assertOnlyTheVm(layer: LayerId, { changes }: PlanSummary): void {
  const others = changes.filter(
    ({ type, change: { actions } }) =>
      actions.includes('delete') && !(actions.includes('create') && REPLACEABLE.includes(type)),
  );
  if (others.length === 0) return;
  throw new RefusedError(
    `the plan of ${layer} destroys more than the VM: ${others.map(({ address }) => address).join(', ')}; undo these changes of the platform, restore, and make them again afterwards`,
  );
}

async function verify(restoring: Restoring, clock: Waiting): Promise<string[]> {
  const { env, application, identity, cluster } = restoring;
  const node = await patiently(() => application.node(), restoring, clock);
  const differences = identityDifferences(identity, node);
  const found = cluster && differences.length === 0 ? await application.clusterRecord() : undefined;
  if (cluster && found) differences.push(...clusterDifferences(cluster, found));
  if (differences.length > 0)
    throw new RefusedError(
      `the restored VM is not the one that was lost:${differences.map((line) => `\n  ${line}`).join('')}\n` +
        `return to the earlier disk: npm run restore -- --env ${env} --abandon`,
    );
  const volumes = found?.volumes.reduce((sum, { count }) => sum + count, 0);
  return [
    `node ${node.nodeName}`,
    `address ${node.address}`,
    ...(found ? [`cluster ${found.id}`, `volumes on their node: ${volumes}`] : []),
  ];
}

/** Retries until work succeeds, with the last error after 15 minutes. Each new reason to wait is told once. */
async function patiently<T>(work: () => Promise<T>, { signal, begin }: Restoring, clock: Waiting): Promise<T> {
  const deadline = clock.now() + PATIENCE_MS;
  let told = '';
  for (;;) {
    const result: Reading<T> = await reading(work);
    if ('value' in result) return result.value;
    if (clock.now() >= deadline)
      throw new FailedError(`${result.problem}; this was the last of the attempts in ${PATIENCE_MS / 60_000} minutes`);
    if (result.problem !== told) begin(`  not yet: ${result.problem}`);
    told = result.problem;
    await clock.sleep(PAUSE_MS, signal);
  }
}
