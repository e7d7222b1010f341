import type { IncomingMessage } from 'node:http';
import type { KubernetesObject } from '../../world';
import type { ApiKind } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import type { Pod } from '../api-server/pod';

/** A column, and where its value stands: a path, or a function for what has to be worked out. */
type Column = readonly [name: string, value: string | ((object: KubernetesObject) => unknown)];

/** Columns between name and age, as kubectl prints them. Custom kinds bring their own. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  '/Pod': [
    ['Ready', (pod) => `${count(pod, ({ ready }) => ready)}/${(pod as Pod).spec.containers.length}`],
    ['Status', (pod) => podStatus(pod as Pod)],
    [
      'Restarts',
      (pod) => Math.max(0, ...((pod as Pod).status?.containerStatuses ?? []).map((one) => one.restartCount)),
    ],
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
    [
      'Status',
      (object) =>
        (at(object, '.status.conditions') as { status: string }[])?.[0]?.status === 'True' ? 'Ready' : 'NotReady',
    ],
    ['Version', '.status.nodeInfo.kubeletVersion'],
  ],
  '/Service': [
    ['Type', '.spec.type'],
    ['Cluster-IP', '.spec.clusterIP'],
    ['Port(s)', (object) => ((at(object, '.spec.ports') ?? []) as Port[]).map(portText).join(',')],
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
    ['Claim', (object) => claimText(at(object, '.spec.claimRef') as { namespace: string; name: string } | undefined)],
  ],
  '/Secret': [
    ['Type', '.type'],
    ['Data', (object) => Object.keys((object['data'] as object | undefined) ?? {}).length],
  ],
  '/ConfigMap': [['Data', (object) => Object.keys((object['data'] as object | undefined) ?? {}).length]],
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
  const definition = cluster.get({
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    name: `${plural}.${group}`,
  });
  const all = (at(definition, '.spec.versions') ?? []) as {
    name: string;
    additionalPrinterColumns?: PrinterColumn[];
  }[];
  const columns = all.find(({ name }) => name === versions[0])?.additionalPrinterColumns ?? [];
  const shown = columns.filter(({ name, priority = 0 }) => priority === 0 && name !== 'Age');
  return shown.map(({ name, jsonPath }) => [name, (object) => conditionOr(object, jsonPath)]);
}

interface PrinterColumn {
  readonly name: string;
  readonly jsonPath: string;
  readonly priority?: number;
}

/** Paths of printer columns are plain, or look for one condition: `.status.conditions[?(@.type=="Ready")].status`. */
function conditionOr(object: KubernetesObject, path: string): unknown {
  const [, type, field = ''] = /^\.status\.conditions\[\?\(@\.type\s*==\s*["'](\w+)["']\)\]\.(\w+)$/.exec(path) ?? [];
  if (!type) return at(object, path);
  const conditions = (at(object, '.status.conditions') ?? []) as Record<string, unknown>[];
  return conditions.find((condition) => condition['type'] === type)?.[field];
}

function at(object: unknown, path: string): unknown {
  return path
    .split('.')
    .filter(Boolean)
    .reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], object);
}

function count(pod: KubernetesObject, is: (status: { ready: boolean }) => boolean): number {
  return ((pod as Pod).status?.containerStatuses ?? []).filter(is).length;
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

interface Port {
  readonly port: number;
  readonly nodePort?: number;
  readonly protocol: string;
}

function portText({ port, nodePort, protocol }: Port): string {
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
