import { fieldOf, isObject, same } from '../../json';
import type { KubernetesObject } from '../../world';
import type { ClusterApi } from './api';
import { STORAGE_CLASSES } from './objects';
import { parseQuantity } from './quantity';
import { refTo } from './reference';

type Fields = Record<string, unknown>;
type Rule = (before: Fields, after: Fields, cluster: ClusterApi) => string | undefined;

/** Fields of a StatefulSet's spec that may change. Source: the API server's own message. */
const STATEFUL_SET_MAY = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** The API server's message if a change of an existing object is refused. */
export function immutableChange(
  cluster: ClusterApi,
  before: KubernetesObject,
  after: KubernetesObject,
): string | undefined {
  return RULES[after.kind]?.(before, after, cluster);
}

const selector: Rule = (before, after) => fixed(spec(before)['selector'], spec(after)['selector'], 'spec.selector');
const immutableData: Rule = (before, after) =>
  before['immutable'] === true && !same([before['data'], before['binaryData']], [after['data'], after['binaryData']])
    ? 'data: Forbidden: field is immutable when `immutable` is set'
    : undefined;

const RULES: Readonly<Record<string, Rule>> = {
  Deployment: selector,
  DaemonSet: selector,
  ReplicaSet: selector,
  StatefulSet(before, after) {
    const frozen = (object: Fields) =>
      Object.fromEntries(Object.entries(spec(object)).filter(([name]) => !STATEFUL_SET_MAY.includes(name)));
    if (same(frozen(before), frozen(after))) return undefined;
    const quoted = STATEFUL_SET_MAY.map((name) => `'${name}'`);
    return `spec: Forbidden: updates to statefulset spec for fields other than ${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)} are forbidden`;
  },
  Job: (before, after) => fixed(spec(before)['template'], spec(after)['template'], 'spec.template'),
  Service(before, after) {
    const [old, next] = [spec(before)['clusterIP'], spec(after)['clusterIP']];
    return old && next && spec(after)['type'] !== 'ExternalName'
      ? fixed(old, next, 'spec.clusterIPs[0]', 'may not change once set')
      : undefined;
  },
  RoleBinding: (before, after) => fixed(before['roleRef'], after['roleRef'], 'roleRef', 'cannot change roleRef'),
  ClusterRoleBinding: (before, after) => fixed(before['roleRef'], after['roleRef'], 'roleRef', 'cannot change roleRef'),
  StorageClass(before, after) {
    const field = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'].find(
      (name) => !same(before[name], after[name]),
    );
    return field && `${field}: Forbidden: updates to ${field} are forbidden.`;
  },
  Secret: (before, after, cluster) =>
    fixed(before['type'], after['type'], 'type') ?? immutableData(before, after, cluster),
  ConfigMap: immutableData,
  PersistentVolumeClaim: claim,
};

function claim(before: Fields, after: Fields, cluster: ClusterApi): string | undefined {
  const rest = ({ resources: _, volumeName, storageClassName, ...others }: Fields) =>
    // The binder fills in the volume, and a default class that comes later fills in the class.
    ({
      ...others,
      ...(spec(before)['volumeName'] ? { volumeName } : {}),
      ...(spec(before)['storageClassName'] !== undefined ? { storageClassName } : {}),
    });
  if (!same(rest(spec(before)), rest(spec(after)))) {
    return 'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  }
  const size = (object: Fields) => {
    const storage = ['resources', 'requests', 'storage'].reduce<unknown>(fieldOf, spec(object));
    return parseQuantity(typeof storage === 'string' || typeof storage === 'number' ? String(storage) : undefined);
  };
  const [old, next] = [size(before), size(after)];
  if (next < old) return 'spec.resources.requests.storage: Forbidden: field can not be less than previous value';
  if (next === old) return undefined;
  const name = String(spec(before)['storageClassName'] ?? '');
  const storageClass = cluster.get(refTo(STORAGE_CLASSES, name));
  return storageClass?.['allowVolumeExpansion'] === true
    ? undefined
    : 'spec.resources.requests.storage: Forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
}

function fixed(before: unknown, after: unknown, path: string, why = 'field is immutable'): string | undefined {
  return same(before, after) ? undefined : `${path}: Invalid value: ${JSON.stringify(after)}: ${why}`;
}

function spec(object: Fields): Fields {
  return isObject(object['spec']) ? object['spec'] : {};
}
