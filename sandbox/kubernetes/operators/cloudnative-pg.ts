import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../world';
import type { ClusterApi, Controller } from '../api-server/api';
import { kindOf } from '../api-server/kind';
import { CLAIMS } from '../api-server/objects';
import { isReady, type PodTemplate } from '../api-server/pod';
import { refOf, refTo } from '../api-server/reference';
import { hashOf, makePod, ownerReference, podsOf } from '../controllers/pods-of';
import { operatorRuns, refusalOf } from './running';

const GROUP = 'postgresql.cnpg.io';
const HASH = 'cnpg.io/podSpecHash';

interface ClusterSpec {
  readonly instances: number;
  readonly imageName?: string;
  readonly resources?: Record<string, unknown>;
  readonly storage?: { readonly size?: string; readonly storageClass?: string };
  readonly inheritedMetadata?: { readonly labels?: Record<string, string> };
  readonly bootstrap?: { readonly initdb?: { readonly database?: string; readonly owner?: string } };
}

type Database = KubernetesObject<ClusterSpec>;

const DATABASES = kindOf<Database>(GROUP, 'Cluster');

/**
 * Simulates the CloudNativePG operator while its Deployment runs: a Cluster becomes instances, one after the other, each with a
 * claim, three services and the Secret of its application. A new template replaces replicas before the primary.
 *
 * Not simulated: the Jobs that prepare an instance, certificates, budgets, failover, poolers, backups.
 */
export const cloudnativePg: Controller = {
  name: 'cloudnative-pg',
  async reconcile(cluster) {
    if (!cluster.host.answers || !cluster.kind(GROUP, 'Cluster') || !operatorRuns(cluster, 'cloudnative-pg')) return;
    for (const object of cluster.list(DATABASES)) if (!object.metadata.deletionTimestamp) reconcile(cluster, object);
  },
};

function reconcile(cluster: ClusterApi, object: Database): void {
  const { name } = object.metadata;
  const { spec } = object;
  const refusal = refusalOf(() => {
    for (const role of ['rw', 'ro', 'r']) ensure(cluster, object, service(name, role));
    ensure(cluster, object, applicationSecret(object, spec));
    return step(cluster, object, spec);
  });

  const pods = podsOf(cluster, object);
  const ready = pods.filter(isReady).length;
  const primary = pods[0]?.metadata.name ?? '';
  const isComplete = ready === spec.instances && pods.length === spec.instances && !refusal;
  const phase = isComplete
    ? 'Cluster in healthy state'
    : refusal
      ? 'Unable to create required cluster objects'
      : ready === 0
        ? 'Setting up primary'
        : pods.length > ready
          ? 'Waiting for the instances to become active'
          : 'Creating a new replica';
  const condition = {
    type: 'Ready',
    status: isComplete ? 'True' : 'False',
    reason: isComplete ? 'ClusterIsReady' : 'ClusterIsNotReady',
    message: isComplete ? 'Cluster is Ready' : 'Cluster Is Not Ready',
  };
  cluster.setStatus(refOf(object), {
    instances: pods.length,
    readyInstances: ready,
    instanceNames: pods.map(({ metadata }) => metadata.name),
    currentPrimary: primary,
    targetPrimary: primary,
    writeService: `${name}-rw`,
    readService: `${name}-r`,
    image: spec.imageName,
    phase,
    ...(refusal ? { phaseReason: refusal } : {}),
    conditions: [condition],
  });
}

/** Does the next thing: one instance more, less or replaced. @returns why the API refused it. */
function step(cluster: ClusterApi, object: KubernetesObject, spec: ClusterSpec): string | undefined {
  const pods = podsOf(cluster, object);
  const template = templateOf(object, spec);
  const hash = hashOf(template);
  const surplus = pods.slice(spec.instances).at(-1);
  if (surplus) {
    cluster.delete(refOf(surplus));
    cluster.delete(refTo(CLAIMS, surplus.metadata.name, object.metadata.namespace));
    return undefined;
  }
  if (!pods.every(isReady)) return undefined;
  const missing = Array.from({ length: spec.instances }, (_, index) => `${object.metadata.name}-${index + 1}`).find(
    (name) => !pods.some(({ metadata }) => metadata.name === name),
  );
  if (missing) return makeInstance(cluster, object, spec, { name: missing, template, hash });
  const outdated = pods.filter(({ metadata }) => metadata.annotations?.[HASH] !== hash).at(-1);
  if (outdated) cluster.delete(refOf(outdated));
  return undefined;
}

function makeInstance(
  cluster: ClusterApi,
  object: KubernetesObject,
  { storage }: ClusterSpec,
  { name, template, hash }: { readonly name: string; readonly template: PodTemplate; readonly hash: string },
): string | undefined {
  const labels = { 'cnpg.io/cluster': object.metadata.name, 'cnpg.io/instanceName': name };
  ensure(cluster, object, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, labels: { ...labels, 'cnpg.io/pvcRole': 'PG_DATA' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: storage?.size } },
      ...(storage?.storageClass ? { storageClassName: storage.storageClass } : {}),
    },
  });
  const annotated = { ...template, metadata: { ...template.metadata, annotations: { [HASH]: hash } } };
  return makePod(cluster, object, annotated, {
    name,
    labels: { ...labels, 'cnpg.io/instanceRole': name.endsWith('-1') ? 'primary' : 'replica' },
    volumes: [{ name: 'pgdata', persistentVolumeClaim: { claimName: name } }],
  });
}

/** What the operator gives each instance: it passes the restricted Pod Security level. Source: pkg/specs/pods.go. */
function templateOf(
  object: KubernetesObject,
  { imageName = '', resources, inheritedMetadata }: ClusterSpec,
): PodTemplate {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return {
    metadata: {
      labels: { ...inheritedMetadata?.labels, 'cnpg.io/cluster': object.metadata.name, 'cnpg.io/podRole': 'instance' },
    },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 26, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'postgres',
          image: imageName,
          ...(resources ? { resources } : {}),
          volumeMounts: [{ name: 'pgdata', mountPath: '/var/lib/postgresql/data' }],
          securityContext,
        },
      ],
    },
  };
}

/** `-rw` goes to the primary, `-ro` to replicas, `-r` to all. */
function service(name: string, role: string): KubernetesObject {
  const chosen = { rw: { 'cnpg.io/instanceRole': 'primary' }, ro: { 'cnpg.io/instanceRole': 'replica' } }[role];
  const selector = { 'cnpg.io/cluster': name, 'cnpg.io/podRole': 'instance', ...chosen };
  const ports = [{ name: 'postgres', port: 5432, targetPort: 5432, protocol: 'TCP' }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${name}-${role}` },
    spec: { type: 'ClusterIP', selector, ports },
  };
}

/** The credentials of the database that `initdb` makes; `app` and `app` by default. Source: pkg/specs/secrets.go. */
function applicationSecret(
  { metadata: { name, namespace = '', uid } }: KubernetesObject,
  { bootstrap }: ClusterSpec,
): KubernetesObject {
  const { database: dbname = 'app', owner = dbname } = bootstrap?.initdb ?? {};
  // Not a real password: derived from the object's own id, so that it stays the same.
  const password = createHash('sha256').update(`${uid}/app`).digest('hex').slice(0, 32);
  const host = `${name}-rw`;
  const fqdn = `${host}.${namespace}.svc.cluster.local`;
  const uri = (at: string) => `postgresql://${owner}:${password}@${at}:5432/${dbname}`;
  const jdbc = (at: string) => `jdbc:postgresql://${at}:5432/${dbname}?password=${password}&user=${owner}`;
  const entries = {
    username: owner,
    user: owner,
    password,
    dbname,
    host,
    port: '5432',
    pgpass: `${host}:5432:${dbname}:${owner}:${password}\n`,
    uri: uri(`${host}.${namespace}`),
    'jdbc-uri': jdbc(`${host}.${namespace}`),
    'fqdn-uri': uri(fqdn),
    'fqdn-jdbc-uri': jdbc(fqdn),
  };
  const data = Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/basic-auth',
    metadata: { name: `${name}-app`, labels: { 'cnpg.io/cluster': name, 'cnpg.io/reload': 'true' } },
    data,
  };
}

/** Creates what is missing, owned by the Cluster and deleted with it. */
function ensure(cluster: ClusterApi, owner: KubernetesObject, made: KubernetesObject): void {
  const object = {
    ...made,
    metadata: { ...made.metadata, namespace: owner.metadata.namespace, ownerReferences: [ownerReference(owner)] },
  };
  if (!cluster.get(refOf(object))) cluster.create(object);
}
