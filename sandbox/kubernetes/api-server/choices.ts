import { fieldOf } from '../../json';
import type { KubernetesObject } from '../../world';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const SUBJECTS = ['ServiceAccount', 'User', 'Group'];
const RBAC = ['rbac.authorization.k8s.io'];

/** Allowed values by kind and path, `[]` after a list, in the order of the API server's messages. Source: pkg/apis of Kubernetes 1.34, validation.go of each group. */
const CHOICES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  PersistentVolumeClaim: { 'spec.accessModes': ACCESS_MODES, 'spec.volumeMode': VOLUME_MODES },
  PersistentVolume: {
    'spec.accessModes': ACCESS_MODES,
    'spec.volumeMode': VOLUME_MODES,
    'spec.persistentVolumeReclaimPolicy': ['Delete', 'Recycle', 'Retain'],
  },
  StorageClass: {
    reclaimPolicy: ['Delete', 'Retain'],
    volumeBindingMode: ['Immediate', 'WaitForFirstConsumer'],
  },
  Service: {
    'spec.ports[].protocol': PROTOCOLS,
    'spec.sessionAffinity': ['ClientIP', 'None'],
    'spec.externalTrafficPolicy': TRAFFIC_POLICIES,
    'spec.internalTrafficPolicy': TRAFFIC_POLICIES,
    'spec.ipFamilyPolicy': ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
  },
  Deployment: { 'spec.strategy.type': ['Recreate', 'RollingUpdate'] },
  StatefulSet: { 'spec.podManagementPolicy': ['OrderedReady', 'Parallel'] },
  CronJob: { 'spec.concurrencyPolicy': ['Allow', 'Forbid', 'Replace'] },
  NetworkPolicy: {
    'spec.policyTypes[]': ['Ingress', 'Egress'],
    'spec.ingress[].ports[].protocol': PROTOCOLS,
    'spec.egress[].ports[].protocol': PROTOCOLS,
  },
  Ingress: { 'spec.rules[].http.paths[].pathType': PATH_TYPES },
  RoleBinding: { 'roleRef.apiGroup': RBAC, 'roleRef.kind': ['Role', 'ClusterRole'], 'subjects[].kind': SUBJECTS },
  ClusterRoleBinding: { 'roleRef.apiGroup': RBAC, 'roleRef.kind': ['ClusterRole'], 'subjects[].kind': SUBJECTS },
};

/** The API server's message if a field of a built-in object is none of the values that it allows. */
export function problemOfChoices(object: KubernetesObject): string | undefined {
  for (const [path, allowed] of Object.entries(CHOICES[object.kind] ?? {})) {
    for (const [at, value] of placesAt(object, path.split('.'), '')) {
      if (value === undefined || allowed.includes(String(value))) continue;
      return `${at}: Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map((one) => `"${one}"`).join(', ')}`;
    }
  }
  return undefined;
}

/** The values at a path, with the path that a message names. A list of texts is named as a whole. */
function placesAt(value: unknown, [head, ...rest]: readonly string[], at: string): [at: string, value: unknown][] {
  if (head === undefined) return Array.isArray(value) ? value.map((one) => [at, one]) : [[at, value]];
  const name = head.replace('[]', '');
  const path = at ? `${at}.${name}` : name;
  const inner = fieldOf(value, name);
  if (name === head) return placesAt(inner, rest, path);
  return Array.isArray(inner) ? inner.flatMap((one, index) => placesAt(one, rest, `${path}[${index}]`)) : [];
}
