import { parseAllDocuments } from 'yaml';
import { FailedError } from '../../errors';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { namespaceOf, repositoryOf } from '../../platforms/schema/environment';
import { settingName } from '../../platforms/schema/github-settings';
import { applicationSecrets } from '../../platforms/schema/secrets';
import type { CommitId } from '../git/ref-store';
import { awaitRollout, RolloutError, rolloutSeconds } from '../rollout/rollout';
import { workloadsIn } from '../rollout/workload';
import { announced } from '../ship/announce';
import { passGate, type Trigger, underLock } from '../ship/steps';
import { branchHead } from '../ship/target';
import type { Timeline } from '../ship/timeline';
import { type DeliveryTools, holderOf } from '../ship/tools';
import { applyManifests, buildManifests, type Manifests } from './apply';
import { DeploymentLease } from './lease';
import { shortcomings } from './verify';

/** A request to apply an environment. */
export interface ApplyRequest {
  /** The service that the gate is asked about. The whole environment is applied. */
  readonly service: string;
  /** A commit of the environment's branch. @default - the newest that changed the platform's manifests */
  readonly commit?: string;
  readonly trigger: Trigger;
  /** Why fields of other field managers are taken over, which is recorded. @default - they are not */
  readonly forceConflicts?: string;
  /** True for a rollback to an earlier commit: it does not ask the gate, and deletes stuck pods. @default false */
  readonly isRollback?: boolean;
  readonly dryRun?: boolean;
  /** Values of secrets, by their names in GitHub. */
  readonly values: Readonly<Record<string, string | undefined>>;
}

/** The result. */
export interface AppliedEnvironment {
  readonly service: string;
  readonly env: string;
  readonly commit: CommitId;
  readonly outcome: 'rolled out' | 'planned';
}

/** Seconds between two checks of what the environment still lacks. */
const LOOK_MS = 2_000;

/** Names of the secrets that are inserted into the manifests of an environment. */
export function secretNames({ platform, env }: { readonly platform: Platform; readonly env: string }): string[] {
  return applicationSecrets(platform, environmentOf(platform, env)).map(settingName);
}

/**
 * Applies an environment that has no Argo CD, from a commit of its branch: gate, Lease, owners of CRDs, overlay, rollout,
 * verification. It can be run again after any failure.
 */
export async function applyEnvironment(
  tools: DeliveryTools,
  request: ApplyRequest,
  timeline: Timeline,
): Promise<AppliedEnvironment> {
  const { platform, env, report } = tools;
  const { service, trigger, isRollback = false, dryRun } = request;
  const commit = await commitOf(tools, request.commit);
  const result = { service, env, commit };
  const prepare = async () => {
    const question = { service, version: commit, trigger };
    const askGate = () =>
      timeline.step(
        'gate',
        () => passGate(tools, question),
        () => 'allowed',
      );
    const gate = isRollback ? undefined : await askGate();
    const manifests = await timeline.step(
      'build',
      () => build(tools, commit, request.values),
      () => commit.slice(0, 7),
    );
    return { gate, manifests };
  };
  if (dryRun) {
    const { manifests } = await prepare();
    for (const line of namesIn(manifests.overlay)) report(`  would apply ${line}`);
    return { ...result, outcome: 'planned' };
  }
  const about = {
    stage: isRollback ? 'rollback' : 'deployment',
    service,
    version: commit.slice(0, 7),
    commit: { repository: repositoryOf(platform, env).url, sha: commit },
  } as const;
  return announced(tools, about, async (started) => {
    const { gate, manifests } = await prepare();
    return underLock(tools, service, timeline, (_, signal) =>
      underLease(tools, service, timeline, signal, async (lease, leased) => {
        await started();
        if (request.forceConflicts) {
          await lease.remember({ forcedConflicts: `${holderOf(service).run}: ${request.forceConflicts}` });
        }
        const goesBack = gate?.control?.environments[env]?.services[service]?.rollback_on_failure ?? false;
        await rollOutOrGoBack(tools, { ...request, commit, manifests, goesBack }, timeline, lease, leased);
        await lease.remember({ deployedCommit: commit });
        return { ...result, outcome: 'rolled out' as const };
      }),
    );
  });
}

/** Rolls manifests out; where that fails and `deploy-control.yaml` says so, applies what was deployed before. */
async function rollOutOrGoBack(
  tools: DeliveryTools,
  request: ApplyRequest & { readonly commit: CommitId; readonly manifests: Manifests; readonly goesBack: boolean },
  timeline: Timeline,
  lease: DeploymentLease,
  signal: AbortSignal,
): Promise<void> {
  const { env } = tools;
  const { commit, manifests, goesBack, values } = request;
  try {
    await rollOut(tools, manifests, request, timeline, signal);
  } catch (error) {
    const before = lease.memory.deployedCommit;
    if (!(error instanceof RolloutError) || !goesBack || !before || before === commit) throw error;
    const last = await timeline.step(
      'roll back',
      () => build(tools, before, values),
      () => before.slice(0, 7),
    );
    await rollOut(tools, last, { ...request, isRollback: true }, timeline, signal);
    throw new FailedError(
      `${error.message}\n${env} is back at ${before.slice(0, 7)}; revert ${commit.slice(0, 7)} in Git, or the next deployment applies it again`,
    );
  }
}

/** Commits that change no manifest, such as approvals, are skipped. */
async function commitOf(tools: DeliveryTools, revision: string | undefined): Promise<CommitId> {
  const head = await branchHead(tools);
  if (revision) return tools.store.resolve(revision);
  const [newest] = await tools.store.log(head, `k8s/${tools.platform.name}`, 1);
  return newest?.id ?? head;
}

/** The last commit that was rolled out and verified. @returns undefined before the first */
export async function deployedCommit(tools: DeliveryTools): Promise<CommitId | undefined> {
  return DeploymentLease.read(leaseOf(tools, 'nobody')).then(({ deployedCommit: commit }) => commit);
}

async function build(tools: DeliveryTools, commit: CommitId, values: ApplyRequest['values']): Promise<Manifests> {
  const folder = await tools.store.checkout(commit);
  return buildManifests(folder, repositoryOf(tools.platform, tools.env).path, values);
}

async function rollOut(
  tools: DeliveryTools,
  manifests: Manifests,
  { forceConflicts, isRollback = false }: ApplyRequest,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<void> {
  const { env, clock, report } = tools;
  const kubectl = tools.kubectl();
  const namespace = namespaceOf(tools.platform, env);
  const onProgress = (message: string) => report(`  ${message}`);
  const options = { kubectl, clock, signal, onProgress };
  const apply = () => applyManifests(manifests, { ...options, forceConflicts: forceConflicts !== undefined });
  await timeline.step('apply', apply, (applied) => `${applied.length} objects`);
  const timeoutSeconds = rolloutSeconds(env);
  const workloads = workloadsIn(manifests.overlay, namespace);
  const follow = () => awaitRollout({ ...options, workloads, timeoutSeconds, isRollback });
  await timeline.step('rollout', follow, () => `${workloads.length} workloads`);
  await timeline.step('verify', async () => {
    const deadline = clock.now() + timeoutSeconds * 1000;
    for (;;) {
      const lacking = await shortcomings(kubectl, manifests.overlay, namespace);
      if (lacking.length === 0) return;
      if (clock.now() >= deadline) throw new RolloutError(['verification failed:', ...lacking].join('\n  '));
      await clock.sleep(LOOK_MS, signal);
    }
  });
}

/** Runs work while holding the Lease of the environment's cluster, and releases it afterwards in any case. */
async function underLease<T>(
  tools: DeliveryTools,
  service: string,
  timeline: Timeline,
  signal: AbortSignal,
  work: (lease: DeploymentLease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { owner, run } = holderOf(service);
  const options = leaseOf(tools, `${owner} (run ${run})`);
  const lease = await timeline.step(
    'lease',
    () => DeploymentLease.take(options),
    () => options.name,
  );
  try {
    return await work(lease, AbortSignal.any([signal, lease.lost]));
  } finally {
    await lease.release();
  }
}

function leaseOf(tools: DeliveryTools, holder: string) {
  const { platform, env, clock, report } = tools;
  return {
    kubectl: tools.kubectl(),
    clock,
    holder,
    namespace: namespaceOf(platform, env),
    name: `strata-${platform.name}-${env}`,
    onWait: (message: string) => report(`  ${message}`),
  };
}

/** Kind and name of each object, without its contents. */
function namesIn(manifests: string): string[] {
  return parseAllDocuments(manifests).flatMap((document) => {
    const { kind, metadata } = (document.toJS() ?? {}) as { kind?: string; metadata?: { name: string } };
    return kind && metadata ? `${kind} ${metadata.name}` : [];
  });
}
