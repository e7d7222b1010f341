import type { KubernetesObject } from '../../world';
import type { ClusterApi, Controller } from '../api-server/api';
import { kindOf } from '../api-server/kind';
import { DEPLOYMENTS, SECRETS } from '../api-server/objects';
import { isReady, type PodSpec, type PodTemplate } from '../api-server/pod';
import { refOf, refTo } from '../api-server/reference';
import { hashOf, makePod, ownerReference, podsOf } from '../controllers/pods-of';
import { operatorRuns } from './running';

const GROUP = 'actions.github.com';
/** Label of the controller's Deployment in its chart. */
const CONTROLLER = 'gha-rs-controller';

interface Spec {
  readonly githubConfigSecret: string;
  readonly minRunners?: number;
  readonly maxRunners?: number;
  readonly template: PodTemplate;
  readonly listenerTemplate?: { readonly spec?: PodSpec };
}

type ScaleSet = KubernetesObject<Spec>;
type Listener = KubernetesObject<{
  readonly autoscalingRunnerSetName: string;
  readonly autoscalingRunnerSetNamespace: string;
}>;

const SCALE_SETS = kindOf<ScaleSet>(GROUP, 'AutoscalingRunnerSet');
const LISTENERS = kindOf<Listener>(GROUP, 'AutoscalingListener');

/**
 * Simulates the controller of GitHub's runner scale sets while its Deployment runs: an AutoscalingRunnerSet becomes a listener
 * in the controller's namespace, and as many idle runners as it asks for at least. No job ever comes, so there are never more.
 *
 * Not simulated: what GitHub says, EphemeralRunners between a set and its pods.
 */
export const runnerScaleSets: Controller = {
  name: 'runner-scale-sets',
  async reconcile(cluster) {
    const known = cluster.kind(GROUP, 'AutoscalingRunnerSet');
    if (!cluster.host.answers || !known || !operatorRuns(cluster, CONTROLLER)) return;
    for (const object of cluster.list(SCALE_SETS)) if (!object.metadata.deletionTimestamp) reconcile(cluster, object);
    for (const listener of cluster.list(LISTENERS)) removeOrphan(cluster, listener);
  },
};

function reconcile(cluster: ClusterApi, object: ScaleSet): void {
  const { name, namespace } = object.metadata;
  const { spec } = object;
  const secret = refTo(SECRETS, spec.githubConfigSecret, namespace);
  if (!cluster.get(secret)) {
    cluster.setStatus(refOf(object), { phase: 'Pending', message: `Secret ${secret.name} not found` });
    return;
  }
  makeListener(cluster, object, spec);
  const set = ensure(cluster, {
    apiVersion: object.apiVersion,
    kind: 'EphemeralRunnerSet',
    metadata: {
      name: `${name}-${hashOf(spec.template).slice(0, 5)}`,
      namespace,
      ownerReferences: [ownerReference(object)],
    },
    spec: { patchID: 0, replicas: spec.minRunners ?? 0 },
  });
  for (const old of cluster.list(GROUP, 'EphemeralRunnerSet', namespace)) {
    const isOwn = old.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid);
    if (isOwn && old.metadata.uid !== set.metadata.uid) cluster.delete(refOf(old));
  }
  const pods = podsOf(cluster, set);
  const wanted = Array.from({ length: spec.minRunners ?? 0 }, (_, index) => `${set.metadata.name}-runner-${index + 1}`);
  for (const pod of pods) if (!wanted.includes(pod.metadata.name)) cluster.delete(refOf(pod));
  const missing = wanted.filter((one) => !pods.some(({ metadata }) => metadata.name === one));
  for (const one of missing)
    makePod(cluster, set, spec.template, { name: one, labels: { 'actions.github.com/scale-set-name': name } });
  const running = pods.filter(isReady).length;
  cluster.setStatus(refOf(object), { phase: 'Running', currentRunners: pods.length, runningEphemeralRunners: running });
}

/** It is in the controller's namespace, which owner references of the set cannot reach. */
function makeListener(cluster: ClusterApi, object: KubernetesObject, { listenerTemplate }: Spec): void {
  const controller = cluster
    .list(DEPLOYMENTS)
    .find(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === CONTROLLER);
  const { name, namespace = '', uid } = object.metadata;
  const listener = ensure(cluster, {
    apiVersion: object.apiVersion,
    kind: 'AutoscalingListener',
    metadata: { name: `${name}-${hashOf(uid).slice(0, 8)}-listener`, namespace: controller?.metadata.namespace },
    spec: { autoscalingRunnerSetName: name, autoscalingRunnerSetNamespace: namespace },
  });
  if (podsOf(cluster, listener).length) return;
  const image = controller?.spec.template.spec.containers[0]?.image ?? '';
  const given = listenerTemplate?.spec;
  const containers = given?.containers ?? [{ name: 'listener' }];
  const spec = {
    ...given,
    containers: containers.map((one) => ({ ...one, ...(one.name === 'listener' ? { image } : {}) })),
  };
  makePod(cluster, listener, { spec: spec as PodSpec }, { name: listener.metadata.name });
}

function removeOrphan(cluster: ClusterApi, listener: Listener): void {
  const { autoscalingRunnerSetName: name, autoscalingRunnerSetNamespace: namespace } = listener.spec;
  if (name && !cluster.get(refTo(SCALE_SETS, name, namespace))) cluster.delete(refOf(listener));
}

function ensure(cluster: ClusterApi, object: KubernetesObject): KubernetesObject {
  return cluster.get(refOf(object)) ?? cluster.create(object);
}
