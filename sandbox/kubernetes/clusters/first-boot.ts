import { randomUUID } from 'node:crypto';
import type { ClusterData, KubernetesObject } from '../../world';

/** What the first boot of a cluster decides for ever. */
export interface FirstBoot {
  /** Name of the node; volumes are bound to it. */
  readonly nodeName: string;
  /** Without `v`: `1.34.2`. */
  readonly kubernetesVersion: string;
  /** Names and addresses in the API server's certificate. */
  readonly certificateNames: readonly string[];
}

/** The state of a cluster that has never run: nothing but its identity. */
export function emptyCluster({ nodeName, kubernetesVersion, certificateNames }: FirstBoot): ClusterData {
  return {
    uid: randomUUID(),
    nodeName,
    kubernetesVersion,
    certificateNames: [...certificateNames],
    objects: {},
    volumes: {},
  };
}

/** What k0s puts into a new cluster, small: namespaces, roles, and the workloads of kube-system. */
export function systemObjects(): KubernetesObject[] {
  const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
  const accounts = ['coredns', 'kube-proxy', 'kube-router', 'metrics-server'];
  const roles = ['cluster-admin', 'admin', 'edit', 'view'];
  return [
    ...namespaces.map((name) => object('v1', 'Namespace', name)),
    ...['default', ...accounts].map((name) => object('v1', 'ServiceAccount', name, {}, 'kube-system')),
    ...roles.map((name) => object('rbac.authorization.k8s.io/v1', 'ClusterRole', name, { rules: RULES[name] ?? [] })),
    object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'cluster-admin', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:masters' }],
    }),
    service('kubernetes', 'default', '10.96.0.1', {}, [{ name: 'https', port: 443, targetPort: 6443 }]),
    service('kube-dns', 'kube-system', '10.96.0.10', { 'k8s-app': 'kube-dns' }, [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
    ]),
    workload('Deployment', 'coredns', 'quay.io/k0sproject/coredns:1.12.2', { cpu: '100m', memory: '70Mi' }),
    workload('Deployment', 'metrics-server', 'registry.k8s.io/metrics-server/metrics-server:v0.7.2', {
      cpu: '10m',
      memory: '30M',
    }),
    workload('DaemonSet', 'kube-proxy', 'quay.io/k0sproject/kube-proxy:v1.34.2', {}),
    workload('DaemonSet', 'kube-router', 'quay.io/k0sproject/kube-router:v2.5.0', { cpu: '250m', memory: '16Mi' }),
  ];
}

const ALL = { apiGroups: ['*'], resources: ['*'] };
const RULES: Readonly<Record<string, object[]>> = {
  'cluster-admin': [{ ...ALL, verbs: ['*'] }],
  admin: [{ ...ALL, verbs: ['*'] }],
  edit: [{ ...ALL, verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] }],
  view: [{ ...ALL, verbs: ['get', 'list', 'watch'] }],
};

function object(
  apiVersion: string,
  kind: string,
  name: string,
  content: object = {},
  namespace?: string,
): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) }, ...content };
}

function service(
  name: string,
  namespace: string,
  clusterIP: string,
  selector: object,
  ports: object[],
): KubernetesObject {
  return object('v1', 'Service', name, { spec: { clusterIP, selector, ports } }, namespace);
}

/** Requests as k0s sets them; the images come from registries that the sandbox does not hold. */
function workload(kind: 'Deployment' | 'DaemonSet', name: string, image: string, requests: object): KubernetesObject {
  const labels = { 'k8s-app': name === 'coredns' ? 'kube-dns' : name };
  const container = { name, image, resources: { requests } };
  const template = { metadata: { labels }, spec: { serviceAccountName: name, containers: [container] } };
  const spec = { ...(kind === 'Deployment' ? { replicas: 1 } : {}), selector: { matchLabels: labels }, template };
  return object('apps/v1', kind, name, { spec }, 'kube-system');
}
