import type { KubernetesObject } from '../../world';
import type { ClusterApi } from '../api-server/api';
import { isOf } from '../api-server/kind';
import { APPLICATIONS, type Health, settings } from './application';

const ORDER: readonly Health['status'][] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

interface Counts {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly phase?: string;
  readonly phaseReason?: string;
  readonly active?: readonly unknown[];
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
}

/** An object whose health is judged: what its kind has of this. */
type Counted = KubernetesObject<
  { readonly type?: string; readonly suspend?: boolean; readonly replicas?: number },
  Counts
>;

/** Key of `argocd-cm` that gives Applications within an Application a health; the default is none. */
const HEALTH_OF_APPLICATIONS = 'resource.customizations.health.argoproj.io_Application';

/**
 * Health of one object by Argo CD's own rules, or undefined for a kind that has none. That of an Application is its own,
 * where the settings of Argo CD give one: the script in them is not run.
 */
export function healthOf(object: KubernetesObject, cluster: ClusterApi): Health | undefined {
  if (object.metadata.deletionTimestamp) return { status: 'Progressing', message: 'Pending deletion' };
  const group = object.apiVersion.split('/').slice(0, -1).join('/');
  if (isOf(APPLICATIONS, object)) {
    const own = object.status?.health ?? { status: 'Progressing' };
    return settings(cluster)[HEALTH_OF_APPLICATIONS] ? own : undefined;
  }
  const judged = object as Counted;
  return RULES[`${group}/${object.kind}`]?.(judged, judged.status ?? {});
}

/** The health of a whole Application; its message says that pods here run nothing. */
export function overall(
  resources: readonly { readonly kind: string; readonly name: string; readonly health?: Health }[],
): Health {
  const rank = (health?: Health) => ORDER.indexOf(health?.status ?? 'Healthy');
  const worst = [...resources].sort((a, b) => rank(b.health) - rank(a.health))[0];
  const status = worst?.health?.status ?? 'Healthy';
  const detail =
    status === 'Healthy' || !worst
      ? `${resources.length} resources admitted and scheduled`
      : `${worst.kind} ${worst.name}: ${worst.health?.message ?? status}`;
  return { status, message: `${detail} (simulated)` };
}

/** Phases of a database of CloudNativePG that the sandbox simulates. Source: resource_customizations of Argo CD. */
const CNPG_PHASES: Readonly<Record<string, Health['status']>> = {
  'Cluster in healthy state': 'Healthy',
  'Setting up primary': 'Progressing',
  'Creating a new replica': 'Progressing',
  'Waiting for the instances to become active': 'Progressing',
  'Unable to create required cluster objects': 'Suspended',
};

const progressing = (message: string): Health => ({ status: 'Progressing', message });
const healthy: Health = { status: 'Healthy' };

const RULES: Readonly<Record<string, (object: Counted, status: Counts) => Health>> = {
  'apps/Deployment': (object, status) => {
    const stuck = status.conditions?.find(
      ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
    );
    if (stuck)
      return { status: 'Degraded', message: `Deployment "${object.metadata.name}" exceeded its progress deadline` };
    return rollout(object, status, status.availableReplicas ?? 0);
  },
  'apps/StatefulSet': (object, status) => rollout(object, status, status.readyReplicas ?? 0),
  'apps/DaemonSet': (object, status) => {
    if (isBehind(object, status))
      return progressing('Waiting for rollout to finish: observed daemon set generation less than desired generation');
    const [wanted = 0, available = 0] = [status.desiredNumberScheduled, status.numberAvailable];
    return available < wanted
      ? progressing(`Waiting for rollout to finish: ${available} of ${wanted} pods are available`)
      : healthy;
  },
  '/Pod': (_, { phase, conditions }) => {
    if (phase === 'Failed') return { status: 'Degraded', message: 'Pod failed' };
    const ready = conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return phase === 'Succeeded' || (phase === 'Running' && ready)
      ? healthy
      : progressing(`Pod is ${phase ?? 'Pending'}`);
  },
  '/PersistentVolumeClaim': (_, { phase }) => {
    if (phase === 'Lost') return { status: 'Degraded', message: 'claim lost its volume' };
    return phase === 'Bound' ? healthy : progressing('claim is not bound');
  },
  '/Service': (object, status) => {
    const isBalanced = object.spec.type === 'LoadBalancer';
    return isBalanced && !status.loadBalancer?.ingress?.length ? progressing('waiting for an address') : healthy;
  },
  'networking.k8s.io/Ingress': (_, status) =>
    status.loadBalancer?.ingress?.length ? healthy : progressing('waiting for an address'),
  'batch/Job': (object, { conditions }) => {
    const is = (type: string) =>
      conditions?.find((condition) => condition.type === type && condition.status === 'True');
    if (is('Failed')) return { status: 'Degraded', message: is('Failed')?.message ?? 'Job failed' };
    if (object.spec.suspend) return { status: 'Suspended', message: 'Job is suspended' };
    return is('Complete') ? healthy : progressing('Job is running');
  },
  // Source: resource_customizations/batch/CronJob/health.lua of Argo CD. One without a status waits for its controller, which
  // the sandbox has none of: the real one writes a status at once.
  'batch/CronJob': (_, { active, lastScheduleTime: scheduled, lastSuccessfulTime: succeeded }) =>
    scheduled && succeeded && !active?.length && succeeded < scheduled
      ? { status: 'Degraded', message: 'CronJob has not completed its last execution successfully' }
      : healthy,
  // Source: resource_customizations/policy/PodDisruptionBudget/health.lua of Argo CD: too few pods are healthy too. The
  // sandbox has no controller that would give one a status.
  'policy/PodDisruptionBudget': () => healthy,
  'postgresql.cnpg.io/Cluster': (_, { phase, phaseReason: message }) => ({
    status: (phase && CNPG_PHASES[phase]) || (phase ? 'Unknown' : 'Progressing'),
    ...(message || phase ? { message: message ?? phase } : {}),
  }),
  'monitoring.coreos.com/Prometheus': (_, status) => available(status),
  'monitoring.coreos.com/Alertmanager': (_, status) => available(status),
  'external-secrets.io/ExternalSecret': (_, status) => ready(status, 'Waiting for ExternalSecret'),
  'external-secrets.io/SecretStore': (_, status) => ready(status, 'Initializing SecretStore'),
  'external-secrets.io/ClusterSecretStore': (_, status) => ready(status, 'Initializing ClusterSecretStore'),
};

function ready({ conditions }: Counts, waiting: string): Health {
  const condition = conditions?.find(({ type }) => type === 'Ready');
  if (!condition) return progressing(waiting);
  return {
    status: condition.status === 'True' ? 'Healthy' : 'Degraded',
    ...(condition.message ? { message: condition.message } : {}),
  };
}

/** A custom resource of the Prometheus operator. */
function available({ conditions }: Counts): Health {
  const condition = conditions?.find(({ type }) => type === 'Available');
  if (condition?.status === 'True') return { status: 'Healthy', message: 'All instances are available' };
  if (!condition) return progressing('Waiting for initialization');
  const status = condition.reason === 'SomePodsNotReady' ? 'Progressing' : 'Degraded';
  return { status, message: condition.message ?? condition.reason ?? '' };
}

function isBehind(object: Counted, status: Counts): boolean {
  return (status.observedGeneration ?? 0) < (object.metadata.generation ?? 0);
}

function rollout(object: Counted, status: Counts, available: number): Health {
  if (isBehind(object, status))
    return progressing('Waiting for rollout to finish: observed generation less than desired generation');
  const wanted = object.spec.replicas ?? 1;
  const updated = status.updatedReplicas ?? 0;
  if (updated < wanted)
    return progressing(`Waiting for rollout to finish: ${updated} out of ${wanted} new replicas have been updated...`);
  if ((status.replicas ?? 0) > updated)
    return progressing(
      `Waiting for rollout to finish: ${(status.replicas ?? 0) - updated} old replicas are pending termination...`,
    );
  if (available < wanted)
    return progressing(`Waiting for rollout to finish: ${available} of ${wanted} updated replicas are available...`);
  return healthy;
}
