import { stringify } from 'yaml';
import type { KubernetesObject } from '../world';

const NAME = 'local-path-provisioner';
const ACCOUNT = 'local-path-provisioner-service-account';
const CONFIG = 'local-path-config';
const RBAC = 'rbac.authorization.k8s.io';

/**
 * Rancher's local-path-provisioner as kind installs it, with the default names of its flags.
 * Source: kubernetes-sigs/kind, pkg/build/nodeimage/const_storage.go.
 */
export function localPathProvisioner(namespace: string): KubernetesObject[] {
  const object = (apiVersion: string, kind: string, name: string, content: object): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name, ...(kind.startsWith('Cluster') ? {} : { namespace }) },
    ...content,
  });
  const rule = (resources: string[], verbs: string[], apiGroup = '') => ({ apiGroups: [apiGroup], resources, verbs });
  const bound = (kind: string) => ({
    roleRef: { apiGroup: RBAC, kind, name: 'local-path-provisioner-role' },
    subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }],
  });
  const read = ['get', 'list', 'watch'];
  const labels = { app: NAME };
  const container = {
    name: NAME,
    image: 'docker.io/kindest/local-path-provisioner:v20250214-acbabc1a',
    command: [NAME, '--debug', 'start', '--config', '/etc/config/config.json'],
    env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
    volumeMounts: [{ name: 'config-volume', mountPath: '/etc/config/' }],
  };
  const pod = {
    serviceAccountName: ACCOUNT,
    containers: [container],
    volumes: [{ name: 'config-volume', configMap: { name: CONFIG } }],
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    object('v1', 'ServiceAccount', ACCOUNT, {}),
    object(`${RBAC}/v1`, 'ClusterRole', 'local-path-provisioner-role', {
      rules: [
        rule(['nodes', 'persistentvolumeclaims', 'configmaps', 'pods', 'pods/log'], read),
        rule(['persistentvolumes'], [...read, 'create', 'patch', 'update', 'delete']),
        rule(['events'], ['create', 'patch']),
        rule(['storageclasses'], read, 'storage.k8s.io'),
      ],
    }),
    object(`${RBAC}/v1`, 'ClusterRoleBinding', 'local-path-provisioner-bind', bound('ClusterRole')),
    object(`${RBAC}/v1`, 'Role', 'local-path-provisioner-role', {
      rules: [rule(['pods'], [...read, 'create', 'patch', 'update', 'delete'])],
    }),
    object(`${RBAC}/v1`, 'RoleBinding', 'local-path-provisioner-bind', bound('Role')),
    object('v1', 'ConfigMap', CONFIG, {
      data: {
        'config.json': JSON.stringify({
          nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: ['/var'] }],
        }),
        setup: 'mkdir -m 0777 -p "$VOL_DIR"',
        teardown: 'rm -rf "$VOL_DIR"',
        'helperPod.yaml': stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'helper-pod' },
          spec: {
            containers: [{ name: 'helper-pod', image: 'docker.io/kindest/local-path-helper:v20241212-8ac705d0' }],
          },
        }),
      },
    }),
    object('apps/v1', 'Deployment', NAME, {
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    }),
  ];
}
