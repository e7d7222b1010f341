import { namespaceOf } from '../../../platforms/schema/environment';
import { type Check, type Family, type Outcome, ok, wrong } from '../check';
import type { Surroundings } from '../surroundings';

interface List<T> {
  readonly items: readonly T[];
}

interface Owned {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
}

interface Pod extends Owned {
  readonly spec: { readonly containers: readonly Container[] };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly {
      readonly image?: string;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}

interface Claim extends Owned {
  readonly spec: { readonly storageClassName?: string };
  readonly status?: { readonly phase?: string };
}

const PULL_FAILURES = ['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName'];

const pulls = check<Pod>('image pulls', 'pods', (pods, at) => {
  const failing = pods.flatMap(({ metadata, status }) =>
    (status?.containerStatuses ?? []).flatMap(({ image, state }) =>
      PULL_FAILURES.includes(state?.waiting?.reason ?? '')
        ? [`${metadata.name} cannot pull ${image ?? 'its image'}: ${state?.waiting?.message ?? state?.waiting?.reason}`]
        : [],
    ),
  );
  return failing.length === 0
    ? ok('none fails')
    : wrong(
        `${failing[0]}${more(failing)}`,
        `npm run verify -- --platform ${at.platform.name} --env ${at.env} compares the tag with Git; then delete the pod: the node gets a new token for each pull`,
      );
});

const pullPolicy = check<Pod>('image tags', 'pods', (pods) => {
  const stale = pods.flatMap(({ metadata, spec }) =>
    spec.containers
      .filter(({ image, imagePullPolicy }) => isMutable(image) && imagePullPolicy !== 'Always')
      .map(({ image }) => `${metadata.name} runs ${image} with pull policy IfNotPresent`),
  );
  return stale.length === 0
    ? ok('each names a version')
    : wrong(
        `${stale[0]}: a newer image is not pulled${more(stale)}`,
        'name the image by its commit in images: of the overlay',
      );
});

const ready = check<Pod>('pods', 'pods', (pods, at) => {
  const waiting = pods.filter(
    ({ status }) =>
      status?.phase !== 'Succeeded' &&
      !status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
  );
  const [first] = waiting;
  if (!first) return ok(`${pods.length} ready`);
  const { name } = first.metadata;
  const namespace = namespaceOf(at.platform, at.env);
  const names = waiting.map((pod) => pod.metadata.name);
  return wrong(
    `${name} is not ready: ${reasonOf(first)}${more(names)}`,
    `kubectl describe pod ${name} --namespace ${namespace}; kubectl logs ${name} --namespace ${namespace}; npm run rollback if the version is bad`,
  );
});

/** Pods that no workload owns any more: an earlier installation of Argo CD has left them, or their ReplicaSet. */
const orphans: Check = {
  name: 'duplicate pods',
  look: async (at) => {
    const [pods, sets] = await Promise.all([listed<Pod>(at, 'pods'), listed<Owned>(at, 'replicasets.apps')]);
    const owned = new Set(sets.flatMap(({ metadata }) => (metadata.ownerReferences?.length ? [metadata.name] : [])));
    const left = pods.filter(({ metadata: { ownerReferences: [owner] = [] } }) =>
      owner?.kind === 'ReplicaSet' ? !owned.has(owner.name) : owner === undefined,
    );
    const names = left.map(({ metadata }) => metadata.name);
    return names.length === 0
      ? ok('none')
      : wrong(
          `no workload owns ${names.join(', ')}`,
          `delete them, and Argo CD keeps those that Git describes: kubectl delete pod ${names.join(' ')} --namespace ${namespaceOf(at.platform, at.env)}`,
        );
  },
};

const claims: Check = {
  name: 'volumes',
  look: async (at) => {
    const pending = (await listed<Claim>(at, 'persistentvolumeclaims')).filter(
      ({ status }) => status?.phase === 'Pending',
    );
    if (pending.length === 0) return ok('all bound');
    const { items } = await at.cluster<List<Owned>>('get', 'storageclasses.storage.k8s.io');
    const classes = items.map(({ metadata }) => metadata.name);
    const [first] = pending.filter(({ spec }) => !classes.includes(spec.storageClassName ?? ''));
    // A claim waits for the first pod that uses it, too.
    if (!first) return ok(`${pending.length} waiting for a pod`);
    return wrong(
      `claim ${first.metadata.name} is Pending: the cluster has no storage class "${first.spec.storageClassName ?? ''}"; it has ${classes.join(', ') || 'none'}`,
      `npm run apply -- --platform ${at.platform.name} --env ${at.env} --layer 01-k8s, which installs it, or name one that exists in storageClass`,
    );
  },
};

/** What runs in the namespace of the application. */
export const workloads: Family = { family: 'workloads', checks: [ready, pulls, pullPolicy, orphans, claims] };

function check<T>(name: string, kind: string, look: (items: readonly T[], at: Surroundings) => Outcome): Check {
  return { name, look: async (at) => look(await listed<T>(at, kind), at) };
}

async function listed<T>(at: Surroundings, kind: string): Promise<readonly T[]> {
  return (await at.cluster<List<T>>('get', kind, `--namespace=${namespaceOf(at.platform, at.env)}`)).items;
}

/** True for an image without a tag or digest, and for `latest`, which is another image tomorrow. */
function isMutable(image: string): boolean {
  const name = image.split('/').at(-1) ?? '';
  return !/[:@]/.test(name) || name.endsWith(':latest');
}

function reasonOf({ status }: Pod): string {
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
  const condition = status?.conditions?.find((one) => one.status === 'False' && one.message);
  return waiting?.message ?? waiting?.reason ?? condition?.message ?? status?.phase ?? 'Kubernetes gives no reason';
}

function more(all: readonly unknown[]): string {
  return all.length > 1 ? ` (and ${all.length - 1} more)` : '';
}
