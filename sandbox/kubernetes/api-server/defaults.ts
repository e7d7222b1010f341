import { isObject } from '../../json';
import type { KubernetesObject } from '../../world';
import type { ClusterApi } from './api';
import { SERVICES, STORAGE_CLASSES } from './objects';
import { schemaOf, withSchemaDefaults } from './structural-schema';

type Fields = Record<string, unknown>;

/** First address for Services. Source: k0s, default of `spec.network.serviceCIDR` (10.96.0.0/12). */
const SERVICE_NETWORK = '10.96';
const NODE_PORTS = { first: 30000, last: 32767 };

/**
 * The object with what the API server fills in: defaults, addresses and ports of Services, the default storage class, and
 * what the schema of a custom resource says.
 *
 * @param existing - what is stored; what was allocated for it stays.
 */
export function withDefaults<T extends KubernetesObject>(cluster: ClusterApi, object: T, existing?: T): T {
  const filled = withSchemaDefaults(schemaOf(cluster, object), structuredClone(object));
  FILL[object.kind]?.(filled, cluster, existing);
  return filled;
}

const FILL: Readonly<
  Record<string, (object: KubernetesObject, cluster: ClusterApi, existing?: KubernetesObject) => void>
> = {
  Namespace(object) {
    object.metadata.labels = { 'kubernetes.io/metadata.name': object.metadata.name, ...object.metadata.labels };
    object['spec'] = { finalizers: ['kubernetes'] };
  },
  Deployment(object) {
    const rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%' };
    const strategy: Fields = { type: 'RollingUpdate', ...fields(spec(object)['strategy']) };
    if (strategy['type'] === 'RollingUpdate') {
      strategy['rollingUpdate'] = { ...rollingUpdate, ...fields(strategy['rollingUpdate']) };
    }
    object['spec'] = {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec(object),
      strategy,
    };
  },
  StatefulSet(object) {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } };
    const defaults = {
      replicas: 1,
      serviceName: '',
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      updateStrategy,
    };
    const templates = listOf(spec(object)['volumeClaimTemplates']).map((template) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      status: { phase: 'Pending' },
      ...template,
      spec: { volumeMode: 'Filesystem', ...fields(template['spec']) },
    }));
    object['spec'] = { ...defaults, ...spec(object), ...(templates.length > 0 && { volumeClaimTemplates: templates }) };
  },
  DaemonSet(object) {
    const rollingUpdate = { maxSurge: 0, maxUnavailable: 1 };
    object['spec'] = {
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      ...spec(object),
    };
  },
  ReplicaSet(object) {
    object['spec'] = { replicas: 1, ...spec(object) };
  },
  Job(object, _cluster, existing) {
    const generated = existing && { selector: spec(existing)['selector'] };
    object['spec'] = { parallelism: 1, completions: 1, backoffLimit: 6, ...generated, ...spec(object) };
  },
  Pod(object, _cluster, existing) {
    const kept = existing && { nodeName: spec(existing)['nodeName'] };
    const wanted = spec(object);
    object['spec'] = {
      restartPolicy: 'Always',
      serviceAccountName: 'default',
      ...(kept?.nodeName ? kept : {}),
      ...wanted,
    };
  },
  Service(object, cluster, existing) {
    const before = existing ? spec(existing) : {};
    const wanted: Fields = { type: 'ClusterIP', sessionAffinity: 'None', ...spec(object) };
    if (wanted['type'] !== 'ExternalName') {
      wanted['clusterIP'] ||= before['clusterIP'] ?? freeAddress(cluster);
      wanted['clusterIPs'] ??= [wanted['clusterIP']];
      wanted['ipFamilies'] ??= ['IPv4'];
      wanted['ipFamilyPolicy'] ??= 'SingleStack';
      wanted['internalTrafficPolicy'] ??= 'Cluster';
    }
    const opens = wanted['type'] === 'NodePort' || wanted['type'] === 'LoadBalancer';
    if (opens) wanted['externalTrafficPolicy'] ??= 'Cluster';
    const taken = usedNodePorts(cluster);
    const old = listOf(before['ports']);
    wanted['ports'] = listOf(wanted['ports']).map((port) => {
      const same = old.find(
        (other) => other['port'] === port['port'] && other['protocol'] === (port['protocol'] ?? 'TCP'),
      );
      const filled: Fields = { protocol: 'TCP', targetPort: port['port'], ...port };
      if (opens && !filled['nodePort']) filled['nodePort'] = same?.['nodePort'] ?? freeNodePort(taken);
      if (!opens) delete filled['nodePort'];
      return filled;
    });
    object['spec'] = wanted;
  },
  PersistentVolumeClaim(object, cluster, existing) {
    const before = existing ? spec(existing) : {};
    const wanted: Fields = { volumeMode: 'Filesystem', ...spec(object) };
    const storageClassName = before['storageClassName'] ?? defaultStorageClass(cluster);
    if (wanted['storageClassName'] === undefined && storageClassName) wanted['storageClassName'] = storageClassName;
    if (wanted['volumeName'] === undefined && before['volumeName']) wanted['volumeName'] = before['volumeName'];
    object['spec'] = wanted;
    // Only the API server puts it there, so a claim that is applied again does not lose it.
    if (!existing) protect(object, 'kubernetes.io/pvc-protection');
  },
  PersistentVolume(object, _cluster, existing) {
    const defaults = { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' };
    object['spec'] = { ...defaults, ...spec(object) };
    if (!existing) protect(object, 'kubernetes.io/pv-protection');
  },
  StorageClass(object) {
    object['reclaimPolicy'] ??= 'Delete';
    object['volumeBindingMode'] ??= 'Immediate';
  },
  Secret(object) {
    object['type'] ??= 'Opaque';
    if (!isObject(object['stringData'])) return;
    const plain = Object.entries(object['stringData']);
    const encoded = plain.map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
    object['data'] = { ...fields(object['data']), ...Object.fromEntries(encoded) };
    delete object['stringData'];
  },
};

/** The newest storage class that is marked as default. */
export function defaultStorageClass(cluster: ClusterApi): string | undefined {
  return cluster
    .list(STORAGE_CLASSES)
    .filter(({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true')
    .sort((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''))[0]?.metadata
    .name;
}

function spec(object: KubernetesObject): Fields {
  return fields(object['spec']);
}

function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function protect(object: KubernetesObject, finalizer: string): void {
  object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), finalizer])];
}

function services(cluster: ClusterApi): Fields[] {
  return cluster.list(SERVICES).map(spec);
}

function freeAddress(cluster: ClusterApi): string {
  const taken = new Set(services(cluster).map((service) => service['clusterIP']));
  for (let number = 11; ; number++) {
    const address = `${SERVICE_NETWORK}.${number >> 8}.${number & 255}`;
    if (!taken.has(address)) return address;
  }
}

function usedNodePorts(cluster: ClusterApi): Set<unknown> {
  return new Set(services(cluster).flatMap((service) => listOf(service['ports']).map((port) => port['nodePort'])));
}

function freeNodePort(taken: Set<unknown>): number {
  let port = NODE_PORTS.first;
  while (taken.has(port)) port++;
  taken.add(port);
  return port;
}
