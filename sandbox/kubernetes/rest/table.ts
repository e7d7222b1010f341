import type { IncomingMessage } from 'node:http';
import { fieldOf } from '../../json';
import type { KubernetesObject } from '../../world';
import type { ApiKind } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import { DEFINITIONS } from '../api-server/definition';
import { isOf, type Kind } from '../api-server/kind';
import { CONFIG_MAPS, NODES, PODS, SECRETS, SERVICES, type Service, VOLUMES } from '../api-server/objects';
import type { Pod } from '../api-server/pod';
import { refTo } from '../api-server/reference';

/** A column and its value: a path, or a function for what must be computed. */
type Column = readonly [name: string, value: string | ((object: KubernetesObject) => unknown)];

/** A value of objects of one kind. */
function of<T extends KubernetesObject>(kind: Kind<T>, value: (object: T) => unknown): Column[1] {
  return (object) => (isOf(kind, object) ? value(object) : undefined);
}

/** Columns between name and age, as kubectl prints them. Custom kinds define theirs. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  '/Pod': [
    [
      'Ready',
      of(PODS, (pod) => `${containers(pod).filter(({ ready }) => ready).length}/${pod.spec.containers.length}`),
    ],
    ['Status', of(PODS, podStatus)],
    ['Restarts', of(PODS, (pod) => Math.max(0, ...containers(pod).map((one) => one.restartCount)))],
  ],
  'apps/Deployment': [
    ['Ready', (object) => ratio(object, 'readyReplicas')],
    ['Up-to-date', '.status.updatedReplicas'],
    ['Available', '.status.availableReplicas'],
  ],
  'apps/ReplicaSet': [
    ['Desired', '.spec.replicas'],
    ['Current', '.status.replicas'],
    ['Ready', '.status.readyReplicas'],
  ],
  'apps/StatefulSet': [['Ready', (object) => ratio(object, 'readyReplicas')]],
  'apps/DaemonSet': [
    ['Desired', '.status.desiredNumberScheduled'],
    ['Ready', '.status.numberReady'],
  ],
  'batch/Job': [
    ['Completions', (object) => `${at(object, '.status.succeeded') ?? 0}/${at(object, '.spec.completions')}`],
  ],
  '/Namespace': [['Status', '.status.phase']],
  '/Node': [
    ['Status', of(NODES, ({ status }) => (status?.conditions?.[0]?.status === 'True' ? 'Ready' : 'NotReady'))],
    ['Version', '.status.nodeInfo.kubeletVersion'],
  ],
  '/Service': [
    ['Type', '.spec.type'],
    ['Cluster-IP', '.spec.clusterIP'],
    ['Port(s)', of(SERVICES, ({ spec }) => (spec.ports ?? []).map(portText).join(','))],
  ],
  '/PersistentVolumeClaim': [
    ['Status', '.status.phase'],
    ['Volume', '.spec.volumeName'],
    ['Capacity', '.status.capacity.storage'],
    ['StorageClass', '.spec.storageClassName'],
  ],
  '/PersistentVolume': [
    ['Capacity', '.spec.capacity.storage'],
    ['Reclaim Policy', '.spec.persistentVolumeReclaimPolicy'],
    ['Status', '.status.phase'],
    ['Claim', of(VOLUMES, ({ spec }) => claimText(spec.claimRef))],
  ],
  '/Secret': [
    ['Type', '.type'],
    ['Data', of(SECRETS, ({ data = {} }) => Object.keys(data).length)],
  ],
  '/ConfigMap': [['Data', of(CONFIG_MAPS, ({ data = {} }) => Object.keys(data).length)]],
  '/Event': [
    ['Type', '.type'],
    ['Reason', '.reason'],
    [
      'Object',
      (event) => `${String(at(event, '.involvedObject.kind')).toLowerCase()}/${at(event, '.involvedObject.name')}`,
    ],
    ['Message', '.message'],
  ],
  'storage.k8s.io/StorageClass': [
    ['Provisioner', '.provisioner'],
    ['ReclaimPolicy', '.reclaimPolicy'],
    ['VolumeBindingMode', '.volumeBindingMode'],
  ],
};

/** Whether a client asked for a table, as kubectl get does. */
export function wantsTable(request: IncomingMessage): boolean {
  return (request.headers.accept ?? '').includes('as=Table');
}

/** An object, or a list of them, as the table that kubectl prints. */
export function asTable(cluster: Cluster, kind: ApiKind, result: object): object {
  const items = 'items' in result ? (result.items as KubernetesObject[]) : [result as KubernetesObject];
  const columns: Column[] = [
    ['Name', '.metadata.name'],
    ...(COLUMNS[`${kind.group}/${kind.kind}`] ?? customColumns(cluster, kind)),
    ['Age', (object) => age(cluster, object)],
  ];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: 'items' in result ? (result as { metadata?: object }).metadata : {},
    columnDefinitions: columns.map(([name]) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: items.map((object) => ({
      cells: columns.map(([, value]) => (typeof value === 'string' ? at(object, value) : value(object)) ?? ''),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

function customColumns(cluster: Cluster, { group, plural, versions }: ApiKind): Column[] {
  const all = cluster.get(refTo(DEFINITIONS, `${plural}.${group}`))?.spec.versions;
  const columns = all?.find(({ name }) => name === versions[0])?.additionalPrinterColumns ?? [];
  const shown = columns.filter(({ name, priority = 0 }) => priority === 0 && name !== 'Age');
  return shown.map(({ name, jsonPath }) => [name, (object) => conditionOr(object, jsonPath)]);
}

/** Paths of printer columns are plain, or look for one condition: `.status.conditions[?(@.type=="Ready")].status`. */
function conditionOr(object: KubernetesObject, path: string): unknown {
  const [, type, field = ''] = /^\.status\.conditions\[\?\(@\.type\s*==\s*["'](\w+)["']\)\]\.(\w+)$/.exec(path) ?? [];
  if (!type) return at(object, path);
  const conditions = at(object, '.status.conditions');
  return Array.isArray(conditions)
    ? at(
        conditions.find((condition) => at(condition, 'type') === type),
        field,
      )
    : undefined;
}

function at(object: unknown, path: string): unknown {
  return path.split('.').filter(Boolean).reduce(fieldOf, object);
}

function containers(pod: Pod) {
  return pod.status?.containerStatuses ?? [];
}

function podStatus(pod: Pod): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  const waiting = pod.status?.containerStatuses?.find(({ state }) => state.waiting)?.state.waiting?.reason;
  if (pod.status?.phase === 'Succeeded') return 'Completed';
  return (pod.spec.nodeName && waiting) || (pod.status?.phase ?? 'Pending');
}

function ratio(object: KubernetesObject, field: string): string {
  return `${at(object, `.status.${field}`) ?? 0}/${at(object, '.spec.replicas')}`;
}

function portText({ port, nodePort, protocol }: NonNullable<Service['spec']['ports']>[number]): string {
  return `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`;
}

function claimText(claim: { namespace: string; name: string } | undefined): string {
  return claim ? `${claim.namespace}/${claim.name}` : '';
}

/** Age in simulated time: kubectl would count from this machine's clock. */
function age(cluster: Cluster, { metadata }: KubernetesObject): string {
  const seconds = Math.max(
    0,
    Math.floor((cluster.world.clock.now() - Date.parse(metadata.creationTimestamp ?? '')) / 1000),
  );
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
