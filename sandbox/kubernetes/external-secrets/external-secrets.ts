import { createHash } from 'node:crypto';
import { messageOf } from '../../errors';
import type { KubernetesObject } from '../../world';
import type { ClusterApi, Controller } from '../api-server/api';
import { toSeconds } from '../api-server/duration';
import { kindOf } from '../api-server/kind';
import { METADATA_SERVER, podsNamed, reaches } from '../api-server/network-policy';
import { NAMESPACES, SECRETS } from '../api-server/objects';
import { refOf, refTo } from '../api-server/reference';
import { operatorRuns } from '../operators/running';
import { assertTrusted, type GoogleAuth } from './auth';
import { type ExternalSecretSpec, readData, type SecretReader } from './data';

const GROUP = 'external-secrets.io';
/** Finalizer that External Secrets 2.x puts on every ExternalSecret; only its own controller takes it away. */
const FINALIZER = 'externalsecrets.external-secrets.io/externalsecret-cleanup';
/** Seconds after which a failed ExternalSecret is tried again, if anything moves simulated time that far. */
const RETRY_SECONDS = 60;

interface StoreSpec {
  readonly provider?: {
    readonly gcpsm?: { readonly projectID?: string; readonly auth?: GoogleAuth };
    /** Values in the store itself. */
    readonly fake?: { readonly data: readonly { readonly key: string; readonly value: string }[] };
  };
  readonly conditions?: readonly {
    readonly namespaces?: readonly string[];
    readonly namespaceRegexes?: readonly string[];
    readonly namespaceSelector?: { readonly matchLabels?: Record<string, string> };
  }[];
}

interface Condition {
  readonly type?: string;
  readonly lastTransitionTime?: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

interface Status {
  readonly refreshTime?: string;
  readonly syncedResourceVersion?: string;
  readonly conditions?: readonly Condition[];
}

type Store = KubernetesObject<StoreSpec, Status>;
type ExternalSecret = KubernetesObject<ExternalSecretSpec, Status>;

const EXTERNAL_SECRETS = kindOf<ExternalSecret>(GROUP, 'ExternalSecret');
const storesOf = (kind: string) => kindOf<Store>(GROUP, kind);

/**
 * Simulates the External Secrets operator while its Deployment runs: SecretStores of Google Secret Manager or with fixed
 * values, and ExternalSecrets that become Secrets or say why not.
 *
 * @param read - where the values come from.
 */
export function externalSecrets(read: SecretReader): Controller {
  const timers = new WeakMap<ClusterApi, () => void>();
  const controller: Controller = {
    name: 'external-secrets',
    async reconcile(cluster) {
      if (!cluster.host.answers || !operatorRuns(cluster, 'external-secrets') || !cluster.kind(GROUP, 'ExternalSecret'))
        return;
      for (const kind of ['ClusterSecretStore', 'SecretStore']) {
        for (const store of cluster.list(storesOf(kind))) setReady(cluster, store, checkStore(store));
      }
      const due = cluster.list(EXTERNAL_SECRETS).map((secret) => reconcileOne(cluster, secret, read));
      timers.get(cluster)?.();
      const next = Math.min(...due);
      if (Number.isFinite(next)) {
        // Routine: a refresh happens when time passes for other reasons, and never makes it pass.
        timers.set(
          cluster,
          cluster.world.clock.after(next, () => controller.reconcile(cluster), 'routine'),
        );
      }
    },
  };
  return controller;
}

function checkStore({ spec: { provider } }: Store): Condition {
  const bad = (message: string): Condition => ({ status: 'False', reason: 'InvalidProviderConfig', message });
  if (provider?.fake) return { status: 'True', reason: 'Valid', message: 'store validated' };
  if (!provider?.gcpsm)
    return bad(`the sandbox simulates only the providers gcpsm and fake, got: ${Object.keys(provider ?? {})}`);
  if (!provider.gcpsm.projectID) return bad('unable to create client: gcpsm.projectID is missing');
  return { status: 'True', reason: 'Valid', message: 'store validated' };
}

/** Syncs one ExternalSecret. @returns seconds until its next check; Infinity for never. */
function reconcileOne(cluster: ClusterApi, object: ExternalSecret, read: SecretReader): number {
  const ref = refOf(object);
  if (object.metadata.deletionTimestamp) {
    if (object.metadata.finalizers?.includes(FINALIZER)) cluster.removeFinalizer(ref, FINALIZER);
    return Number.POSITIVE_INFINITY;
  }
  if (!object.metadata.finalizers?.includes(FINALIZER)) {
    const finalizers = [...(object.metadata.finalizers ?? []), FINALIZER];
    cluster.apply({ ...object, metadata: { ...object.metadata, finalizers } });
  }
  const { spec } = object;
  const wait = secondsLeft(cluster, object);
  if (wait > 0) return wait;
  try {
    const provider = providerOf(cluster, object);
    const data = readData(
      spec,
      provider?.gcpsm?.projectID ?? '',
      provider?.fake ? fakeReader(provider.fake.data) : read,
    );
    writeSecret(cluster, object, spec, data);
    const done: Condition = { status: 'True', reason: 'SecretSynced', message: 'secret synced' };
    setReady(cluster, object, done, {
      refreshTime: cluster.world.clock.iso(),
      syncedResourceVersion: syncedVersion(object),
      binding: { name: targetName(object, spec) },
    });
    return interval(spec);
  } catch (error) {
    const message = messageOf(error);
    const what = message.startsWith('could not') ? message : `could not get secret data from provider: ${message}`;
    setReady(cluster, object, { status: 'False', reason: 'SecretSyncedError', message: what });
    return RETRY_SECONDS;
  }
}

/** Seconds until the next refresh; 0 when it is due, has failed, was edited, or its Secret is gone. */
function secondsLeft(cluster: ClusterApi, object: ExternalSecret): number {
  const { spec, status } = object;
  const secret = cluster.get({ ...refOf(object), group: '', kind: 'Secret', name: targetName(object, spec) });
  if (!isReady(object) || !status?.refreshTime || status.syncedResourceVersion !== syncedVersion(object)) return 0;
  if (!secret && spec.target?.creationPolicy !== 'None') return 0;
  const age = (cluster.world.clock.now() - Date.parse(status.refreshTime)) / 1000;
  return Math.max(0, interval(spec) - age);
}

/** Seconds between refreshes: an hour unless said; never with `0` or a policy other than Periodic. */
function interval({ refreshInterval = '1h', refreshPolicy = 'Periodic' }: ExternalSecretSpec): number {
  const seconds = toSeconds(refreshInterval);
  return seconds === 0 || refreshPolicy !== 'Periodic' ? Number.POSITIVE_INFINITY : seconds;
}

function fakeReader(data: readonly { readonly key: string; readonly value: string }[]): SecretReader {
  return (_, name) => data.find(({ key }) => key === name) ?? 'missing';
}

function providerOf(cluster: ClusterApi, { metadata, spec }: ExternalSecret): StoreSpec['provider'] {
  const { name = '', kind = 'SecretStore' } = spec.secretStoreRef ?? {};
  const namespace = metadata.namespace ?? '';
  const isCluster = kind === 'ClusterSecretStore';
  const store = cluster.get(refTo(storesOf(kind), name, isCluster ? undefined : namespace));
  if (!store) throw new Error(`could not get ${kind} "${name}", ${kind} "${name}" not found`);
  const { provider, conditions = [] } = store.spec;
  if (!isReady(store)) throw new Error(`the desired SecretStore ${name} is not ready`);
  const labels = cluster.get(refTo(NAMESPACES, namespace))?.metadata.labels ?? {};
  const allowed = conditions.some(
    (condition) =>
      condition.namespaces?.includes(namespace) ||
      condition.namespaceRegexes?.some((regex) => new RegExp(regex).test(namespace)) ||
      (condition.namespaceSelector?.matchLabels &&
        Object.entries(condition.namespaceSelector.matchLabels).every(([key, value]) => labels[key] === value)),
  );
  if (isCluster && conditions.length && !allowed) {
    throw new Error(
      `using cluster store "${name}" is not allowed from namespace "${namespace}": denied by spec.condition`,
    );
  }
  assertTrusted(provider?.gcpsm?.auth);
  if (provider?.gcpsm && !provider.gcpsm.auth) assertNodeIdentity(cluster);
  return provider;
}

/** A store without `auth` has the identity of the node, from the metadata server. */
function assertNodeIdentity(cluster: ClusterApi): void {
  if (podsNamed(cluster, 'external-secrets').every((pod) => reaches(cluster, pod, METADATA_SERVER))) return;
  throw new Error(
    `unable to create client: Get "http://${METADATA_SERVER}/computeMetadata/v1/instance/service-accounts/default/token": dial tcp ${METADATA_SERVER}:80: i/o timeout`,
  );
}

function writeSecret(
  cluster: ClusterApi,
  object: KubernetesObject,
  spec: ExternalSecretSpec,
  values: Record<string, string>,
): void {
  const { creationPolicy = 'Owner', template } = spec.target ?? {};
  if (creationPolicy === 'None') return;
  const { namespace, name, uid = '' } = object.metadata;
  const target = targetName(object, spec);
  const current = cluster.get(refTo(SECRETS, target, namespace));
  if (creationPolicy === 'Merge' && !current) {
    throw new Error(`could not update secret: secret ${target} does not exist and creationPolicy is Merge`);
  }
  const encoded = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const data = { ...(creationPolicy === 'Merge' ? current?.data : {}), ...Object.fromEntries(encoded) };
  const hash = createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 56);
  if (current?.metadata.annotations?.['reconcile.external-secrets.io/data-hash'] === hash) return;
  const owner = { apiVersion: `${GROUP}/v1`, kind: 'ExternalSecret', name, uid, controller: true };
  cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: template?.type ?? current?.type ?? 'Opaque',
    metadata: {
      name: target,
      namespace,
      labels: { ...template?.metadata?.labels, 'reconcile.external-secrets.io/managed': 'true' },
      annotations: { ...template?.metadata?.annotations, 'reconcile.external-secrets.io/data-hash': hash },
      ...(creationPolicy === 'Owner' ? { ownerReferences: [owner] } : {}),
    },
    data,
  });
}

function targetName(object: KubernetesObject, spec: ExternalSecretSpec): string {
  return spec.target?.name ?? object.metadata.name;
}

function syncedVersion({ metadata: { generation } }: KubernetesObject): string {
  return String(generation ?? 1);
}

function isReady({ status: now }: Store | ExternalSecret): boolean {
  return now?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function setReady(cluster: ClusterApi, object: Store | ExternalSecret, condition: Condition, rest: object = {}): void {
  const { status } = object;
  const before = status?.conditions?.find(({ type }) => type === 'Ready');
  const same = before?.status === condition.status && before.message === condition.message;
  if (same && Object.keys(rest).length === 0) return;
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : undefined;
  const ready = { type: 'Ready', ...condition, lastTransitionTime: lastTransitionTime ?? cluster.world.clock.iso() };
  cluster.setStatus(refOf(object), { ...status, ...rest, conditions: [ready] });
}
