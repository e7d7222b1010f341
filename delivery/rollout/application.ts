import { type Kubectl, KubectlError } from '../../clients/kubectl';
import { ARGOCD_APP } from '../../contracts/argocd-app';
import { ARGOCD_NAMESPACE } from '../../contracts/k8s';
import { FailedError } from '../../errors';
import type { Progress } from './workload';

/** Annotation that makes Argo CD read Git immediately instead of at its next poll. Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/reconcile/ */
const REFRESH = 'argocd.argoproj.io/refresh';

interface Application {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string; readonly message?: string };
    readonly operationState?: { readonly phase?: string; readonly message?: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly history?: readonly { readonly id: number; readonly revision: string; readonly deployedAt: string }[];
  };
}

/** One entry of Argo CD's sync history. */
export interface SyncRecord {
  readonly id: number;
  readonly revision: string;
  /** RFC 3339. */
  readonly deployedAt: string;
}

/** The progress of an Application. */
export interface ApplicationProgress extends Progress {
  /** True once it has compared our commit. Until then its workloads are those of an older commit. */
  readonly isOurs: boolean;
}

/** Makes Argo CD read Git now. @throws {FailedError} if the Application does not exist */
export async function refresh(kubectl: Kubectl, application: string): Promise<void> {
  const args = [
    'annotate',
    'application',
    application,
    `--namespace=${ARGOCD_NAMESPACE}`,
    `${REFRESH}=normal`,
    '--overwrite',
  ];
  await kubectl.run(args).catch((error: unknown) => {
    throw error instanceof KubectlError && error.reason === 'NotFound' ? missing(application) : error;
  });
}

/**
 * The progress of an Application towards a commit.
 *
 * @param contains - true if a revision that Argo CD has synced contains the commit; it may be newer.
 * @throws {FailedError} if the Application does not exist.
 */
export async function applicationProgress(
  kubectl: Kubectl,
  application: string,
  contains: (revision: string) => Promise<boolean>,
): Promise<ApplicationProgress> {
  const { sync, health, operationState, conditions = [] } = await statusOf(kubectl, application);
  const progress = (isOurs: boolean, state: Progress['state'], message: string): ApplicationProgress => ({
    isOurs,
    state,
    message: `application ${application} ${message}`,
  });
  const error = conditions.find(({ type }) => type.endsWith('Error'));
  if (error) return progress(false, 'waiting', `reports ${error.type}: ${error.message}`);
  const revision = sync?.revision ?? '';
  const commit = revision.slice(0, 7) || 'no commit';
  if (!(await contains(revision))) return progress(false, 'waiting', `is at ${commit}, which is before ours`);
  if (sync?.status !== 'Synced') {
    const { phase, message } = operationState ?? {};
    const why = phase && phase !== 'Succeeded' ? `: ${message ?? phase}` : '';
    return progress(true, 'waiting', `is ${sync?.status ?? 'Unknown'} at ${commit}${why}`);
  }
  if (health?.status !== 'Healthy') {
    const { status = 'Unknown', message = 'no reason given' } = health ?? {};
    return progress(true, 'waiting', `is ${status} at ${commit}: ${message}`);
  }
  return progress(true, 'done', `is Synced and Healthy at ${commit}`);
}

/** The sync history of an Application, newest last. */
export async function syncHistory(kubectl: Kubectl, application: string): Promise<readonly SyncRecord[]> {
  return (await statusOf(kubectl, application)).history ?? [];
}

async function statusOf(kubectl: Kubectl, application: string): Promise<NonNullable<Application['status']>> {
  const found = await kubectl.find<Application>(['get', 'application', application, `--namespace=${ARGOCD_NAMESPACE}`]);
  if (found) return found.status ?? {};
  throw missing(application);
}

function missing(application: string): FailedError {
  return new FailedError(
    `application ${application} does not exist in namespace ${ARGOCD_NAMESPACE}; deploy layer ${ARGOCD_APP.layer} first`,
  );
}
