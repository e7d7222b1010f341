import type { ClusterApi } from '../api-server/api';
import { isOf } from '../api-server/kind';
import { CONFIG_MAPS, SECRETS } from '../api-server/objects';
import type { Container, KeyRef, Pod, Volume } from '../api-server/pod';
import { refTo } from '../api-server/reference';

/** The kubelet's message if something that a container's environment refers to is missing. */
export function missingConfig(cluster: ClusterApi, pod: Pod, container: Container): string | undefined {
  const namespace = pod.metadata.namespace ?? 'default';
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    const missing =
      (secretRef && !secretRef.optional && missingKey(cluster, 'Secret', namespace, secretRef.name)) ||
      (configMapRef && !configMapRef.optional && missingKey(cluster, 'ConfigMap', namespace, configMapRef.name));
    if (missing) return missing;
  }
  for (const { valueFrom } of container.env ?? []) {
    const ask = (kind: 'Secret' | 'ConfigMap', ref: KeyRef | undefined) =>
      ref && !ref.optional && missingKey(cluster, kind, namespace, ref.name, [ref.key]);
    const missing = ask('Secret', valueFrom?.secretKeyRef) || ask('ConfigMap', valueFrom?.configMapKeyRef);
    if (missing) return missing;
  }
  return undefined;
}

/** The kubelet's message if something that a pod's volumes refer to is missing. */
export function missingVolumeSource(cluster: ClusterApi, pod: Pod): string | undefined {
  const namespace = pod.metadata.namespace ?? 'default';
  for (const volume of pod.spec.volumes ?? []) {
    const missing = missingIn(cluster, namespace, volume);
    if (missing) return `MountVolume.SetUp failed for volume "${volume.name}" : ${missing}`;
  }
  return undefined;
}

function missingIn(
  cluster: ClusterApi,
  namespace: string,
  { secret, configMap, projected }: Volume,
): string | undefined {
  const keys = (items: { key: string }[] | undefined) => items?.map(({ key }) => key);
  if (secret && !secret.optional)
    return missingKey(cluster, 'Secret', namespace, secret.secretName, keys(secret.items));
  if (configMap && !configMap.optional)
    return missingKey(cluster, 'ConfigMap', namespace, configMap.name, keys(configMap.items));
  for (const source of projected?.sources ?? []) {
    const missing =
      (source.secret && !source.secret.optional && missingKey(cluster, 'Secret', namespace, source.secret.name)) ||
      (source.configMap &&
        !source.configMap.optional &&
        missingKey(cluster, 'ConfigMap', namespace, source.configMap.name));
    if (missing) return missing;
  }
  return undefined;
}

function missingKey(
  cluster: ClusterApi,
  kind: 'Secret' | 'ConfigMap',
  namespace: string,
  name: string,
  keys: readonly string[] = [],
): string | undefined {
  const object =
    kind === 'Secret' ? cluster.get(refTo(SECRETS, name, namespace)) : cluster.get(refTo(CONFIG_MAPS, name, namespace));
  if (!object) return `${kind.toLowerCase()} "${name}" not found`;
  const data = { ...object.data, ...(isOf(CONFIG_MAPS, object) ? object.binaryData : {}) };
  const key = keys.find((wanted) => !(wanted in data));
  return key && `couldn't find key ${key} in ${kind} ${namespace}/${name}`;
}
