import type { Json } from '../json';
import { containersOf, type Pod, podsOf } from './pods';
import type { Check, Problem } from './problem';

/** Keys of the Secret that CloudNativePG creates for the owner of a database. Source: its documentation. */
const CLUSTER_KEYS = ['username', 'password', 'dbname', 'host', 'port', 'uri', 'jdbc-uri', 'pgpass'];

type Kind = 'ConfigMap' | 'Secret';

/** A reference of a pod to a ConfigMap or Secret. */
interface Use {
  readonly kind: Kind;
  readonly name: string;
  readonly keys: readonly string[];
  readonly path: string;
}

/** Every ConfigMap and Secret that a pod uses exists, with the keys, and every variable that it expands is set. */
export const config: Check = (objects) =>
  podsOf(objects).flatMap((pod) => [...missing(pod, objects), ...unset(pod, objects)]);

/** The keys of a ConfigMap or Secret: of the object itself, or of the one that an operator creates. */
function keysOf(objects: readonly Json[], kind: Kind, namespace: string, name: string): string[] | undefined {
  const inNamespace = objects.filter(({ metadata }) => metadata.namespace === namespace);
  const found = inNamespace.find((one) => one.kind === kind && one.metadata.name === name);
  if (found) return Object.keys({ ...found.data, ...found.stringData });
  if (kind === 'ConfigMap') return undefined;
  const external = inNamespace.find(({ kind, spec }) => kind === 'ExternalSecret' && spec.target.name === name);
  if (external) {
    const keys = external.spec.data.map(({ secretKey }: Json) => secretKey);
    return [...keys, ...Object.keys(external.spec.target.template?.data ?? {})];
  }
  const cluster = inNamespace.find(({ kind, metadata }) => kind === 'Cluster' && `${metadata.name}-app` === name);
  return cluster && !cluster.spec.bootstrap?.initdb?.secret ? CLUSTER_KEYS : undefined;
}

function missing(pod: Pod, objects: readonly Json[]): Problem[] {
  return usesOf(pod).flatMap(({ kind, name, keys, path }): Problem[] => {
    const refuse = (wrong: string, fix: string) => [{ object: pod.object, path, wrong, fix }];
    const known = keysOf(objects, kind, pod.namespace, name);
    if (!known) {
      const makers = kind === 'Secret' ? 'a Secret or ExternalSecret' : 'a configMapGenerator';
      return refuse(`${kind} "${name}" does not exist in namespace "${pod.namespace}"`, `add ${makers} with that name`);
    }
    const lost = keys.filter((key) => !known.includes(key));
    return lost.length ? refuse(`${kind} "${name}" has no key "${lost[0]}"`, `use one of ${known.join(', ')}`) : [];
  });
}

function usesOf(pod: Pod): Use[] {
  const uses: Use[] = [];
  const add = (kind: Kind, name: string, keys: readonly string[], path: string) =>
    uses.push({ kind, name, keys, path });
  for (const { container, path } of containersOf(pod)) {
    for (const { name, valueFrom } of container.env ?? []) {
      const at = `${path}.env[${name}]`;
      if (valueFrom?.secretKeyRef) add('Secret', valueFrom.secretKeyRef.name, [valueFrom.secretKeyRef.key], at);
      if (valueFrom?.configMapKeyRef)
        add('ConfigMap', valueFrom.configMapKeyRef.name, [valueFrom.configMapKeyRef.key], at);
    }
    for (const { secretRef, configMapRef } of container.envFrom ?? []) {
      if (secretRef) add('Secret', secretRef.name, [], `${path}.envFrom`);
      if (configMapRef) add('ConfigMap', configMapRef.name, [], `${path}.envFrom`);
    }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) add('Secret', name, [], `${pod.path}.imagePullSecrets`);
  for (const { name: volume, secret, configMap, projected } of pod.spec.volumes ?? []) {
    const at = `${pod.path}.volumes[${volume}]`;
    const items = (of: Json) => (of.items ?? []).map(({ key }: Json) => key);
    if (secret) add('Secret', secret.secretName, items(secret), at);
    if (configMap) add('ConfigMap', configMap.name, items(configMap), at);
    for (const source of projected?.sources ?? []) {
      if (source.secret) add('Secret', source.secret.name, items(source.secret), at);
      if (source.configMap) add('ConfigMap', source.configMap.name, items(source.configMap), at);
    }
  }
  return uses;
}

/** Kubernetes does not expand `$(NAME)` unless an earlier entry defines the variable. */
function unset(pod: Pod, objects: readonly Json[]): Problem[] {
  return containersOf(pod).flatMap(({ container, path }) => {
    const known = new Set<string>(
      (container.envFrom ?? []).flatMap(({ configMapRef, secretRef }: Json) =>
        configMapRef
          ? (keysOf(objects, 'ConfigMap', pod.namespace, configMapRef.name) ?? [])
          : (keysOf(objects, 'Secret', pod.namespace, secretRef.name) ?? []),
      ),
    );
    const problems: Problem[] = [];
    const look = (text: string, at: string) => {
      for (const [, name = ''] of text.matchAll(/\$\((\w+)\)/g)) {
        if (known.has(name)) continue;
        const fix = 'define it before the variable that uses it';
        problems.push({ object: pod.object, path: at, wrong: `variable "${name}" is not defined before it`, fix });
      }
    };
    for (const { name, value } of container.env ?? []) {
      look(value ?? '', `${path}.env[${name}]`);
      known.add(name);
    }
    for (const text of [...(container.command ?? []), ...(container.args ?? [])]) {
      // A shell's own `$(command)` has more in it than a name.
      look(text, `${path}.args`);
    }
    return problems;
  });
}
