import { parse } from 'yaml';
import { messageOf } from '../../errors';
import type { KubernetesObject } from '../../world';
import type { ClusterApi } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import { CONFIG_MAPS, type ConfigMap, type Deployment } from '../api-server/objects';
import type { Container, Pod, PodSpec } from '../api-server/pod';
import { type Access, assertAllowed } from '../api-server/rbac';
import { refTo } from '../api-server/reference';

/** Settings of the provisioner that decide where it reads. Source: rancher/local-path-provisioner v0.0.36, main.go. */
interface Settings {
  readonly config: string;
  readonly namespace: string;
  readonly configMap: string;
  /** Of its helper pods. */
  readonly serviceAccount: string;
}

/** What it asks of the API in all namespaces before it can provision. Source: the same, deploy/local-path-storage.yaml. */
const WATCHED: readonly Access[] = [
  { verb: 'list', group: '', resource: 'persistentvolumeclaims' },
  { verb: 'list', group: '', resource: 'persistentvolumes' },
  { verb: 'get', group: '', resource: 'nodes' },
  { verb: 'list', group: 'storage.k8s.io', resource: 'storageclasses' },
];

/** Whether a container runs rancher's local-path-provisioner, as kind and our layers do. */
function isLocalPath({ image }: Container): boolean {
  return /(^|\/)local-path-provisioner[:@]/.test(image);
}

/**
 * The message with which rancher's local-path-provisioner exits at its start, or nothing.
 *
 * Its flags have defaults that name a ConfigMap, from which it reads the template of its helper pods by the API.
 */
export function refusalOfLocalPath(cluster: ClusterApi, pod: Pod, container: Container): string | undefined {
  if (!isLocalPath(container)) return undefined;
  const fatal = (what: string) => `level=fatal msg="Error starting daemon: ${what}"`;
  const { config, namespace, configMap } = settingsOf(container, pod.metadata.namespace ?? '');
  if (!config) return fatal('invalid empty flag config');
  try {
    const account = accountOf(pod.spec, pod.metadata.namespace ?? '');
    assertAllowed(cluster, account, { verb: 'get', group: '', resource: 'configmaps', namespace, name: configMap });
    const data = dataOf(cluster, namespace, configMap);
    if (!data?.['helperPod.yaml']) throw new Error(`configmaps "${configMap}" not found`);
    JSON.parse(data['config.json'] ?? '');
    return undefined;
  } catch (error) {
    return fatal(
      `invalid empty flag helper-pod-file and it also does not exist at ConfigMap ${namespace}/${configMap} with err: ${messageOf(error)}`,
    );
  }
}

/**
 * Why the provisioner cannot make or delete a volume, or nothing: what its account may not do, or why its helper pod is
 * refused. Everything that is not rancher's provisioner passes.
 *
 * @param deployment - whose pod it is.
 */
export function refusalOfHelper(
  cluster: Cluster,
  deployment: Deployment,
  action: 'create' | 'delete',
  volume: string,
): string | undefined {
  const { namespace: own = '' } = deployment.metadata;
  const { spec } = deployment.spec.template;
  const container = spec.containers.find(isLocalPath);
  if (!container) return undefined;
  const { namespace, configMap, serviceAccount } = settingsOf(container, own);
  const core = (verb: Access['verb'], resource: string): Access => ({ verb, group: '', resource });
  try {
    for (const access of [
      ...WATCHED,
      core(action, 'persistentvolumes'),
      { ...core('create', 'pods'), namespace },
      { ...core('get', 'pods'), namespace },
      { ...core('delete', 'pods'), namespace },
    ])
      assertAllowed(cluster, accountOf(spec, own), access);
    const data = dataOf(cluster, namespace, configMap) ?? {};
    cluster.preview(
      helperPod(data['helperPod.yaml'] ?? '', { name: `${action}-${volume}`, namespace, serviceAccount }),
    );
    if (data['setup'] && data['teardown']) return undefined;
    throw new Error('create process timeout after 120 seconds');
  } catch (error) {
    return `failed to ${action} volume ${volume}: ${messageOf(error)}`;
  }
}

/** A pod with a folder of the node, which only Pod Security `privileged` admits. */
function helperPod(
  template: string,
  { name, namespace, serviceAccount }: { name: string; namespace: string; serviceAccount: string },
): KubernetesObject {
  const { spec, ...pod }: Pod = parse(template);
  const volumes = [{ name: 'data', hostPath: { path: '/opt/local-path-provisioner', type: 'DirectoryOrCreate' } }];
  return {
    ...pod,
    metadata: { name: `${pod.metadata.name}-${name}`, namespace },
    spec: { ...spec, serviceAccountName: serviceAccount, restartPolicy: 'Never', volumes },
  };
}

function accountOf({ serviceAccountName = 'default' }: PodSpec, namespace: string) {
  return { namespace, name: serviceAccountName };
}

function settingsOf({ command = [], args = [], env = [] }: Container, own: string): Settings {
  const words = [...command, ...args];
  const flag = (name: string, byDefault: string) => {
    const at = words.findIndex((word) => new RegExp(`^--?${name}(=|$)`).test(word));
    const [, inline] = /=(.*)$/s.exec(words[at] ?? '') ?? [];
    return at < 0 ? byDefault : (inline ?? words[at + 1] ?? '');
  };
  const given = env.find(({ name }) => name === 'POD_NAMESPACE');
  return {
    config: flag('config', ''),
    namespace: flag('namespace', (given?.valueFrom?.fieldRef ? own : given?.value) || 'local-path-storage'),
    configMap: flag('configmap-name', 'local-path-config'),
    serviceAccount: flag('service-account-name', 'local-path-provisioner-service-account'),
  };
}

function dataOf(cluster: ClusterApi, namespace: string, name: string): ConfigMap['data'] {
  return cluster.get(refTo(CONFIG_MAPS, name, namespace))?.data;
}
