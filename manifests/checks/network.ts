import type { Json } from '../json';
import { containersOf, instancesOf, type Pod, podsOf, selects } from './pods';
import type { Check, Problem } from './problem';

/** Address of the metadata server in every cloud, which gives the node's credentials to any pod. */
const METADATA_SERVER = '169.254.169.254';

/**
 * Every namespace denies traffic by default, no policy allows the metadata server or everything, and pods can reach the servers
 * that they are configured with.
 */
export const network: Check = (objects) => [...closed(objects), ...egress(objects), ...connections(objects)];

function closed(objects: readonly Json[]): Problem[] {
  return objects
    .filter(({ kind }) => kind === 'Namespace')
    .filter(({ metadata }) => !policies(objects, metadata.name).some(isDefaultDeny))
    .map((object) => ({
      object,
      path: 'metadata.name',
      wrong: 'no NetworkPolicy denies ingress and egress for all its pods',
      fix: 'add component `namespace`',
    }));
}

function isDefaultDeny({ spec }: Json): boolean {
  const isForAll = Object.keys(spec.podSelector).length === 0;
  return isForAll && spec.policyTypes?.length === 2 && !spec.ingress && !spec.egress;
}

function egress(objects: readonly Json[]): Problem[] {
  return objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .flatMap((object) =>
      (object.spec.egress ?? []).flatMap((rule: Json, index: number): Problem[] => {
        const path = `spec.egress[${index}].to`;
        if (!rule.to?.length) {
          const fix = 'select pods, namespaces or address blocks';
          return [{ object, path, wrong: 'empty, which allows everything', fix }];
        }
        return rule.to
          .filter(({ ipBlock }: Json) => ipBlock && contains(ipBlock.cidr) && !ipBlock.except?.some(contains))
          .map(({ ipBlock }: Json) => ({
            object,
            path,
            wrong: `block ${ipBlock.cidr} contains the metadata server, ${METADATA_SERVER}`,
            fix: 'except 169.254.0.0/16',
          }));
      }),
    );
}

function contains(cidr: string): boolean {
  const [address = '', bits = '32'] = cidr.split('/');
  const toNumber = (text: string) => text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(METADATA_SERVER) / size);
}

/** A server in the environment variables of a container. */
interface Address {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

function connections(objects: readonly Json[]): Problem[] {
  const pods = [...podsOf(objects), ...instancesOf(objects)];
  const services = [...objects.filter(({ kind }) => kind === 'Service'), ...instancesOf(objects).map(primaryService)];
  return podsOf(objects).flatMap((client) =>
    addressesOf(client, objects).flatMap(({ host, port, path }): Problem[] => {
      const refuse = (wrong: string, fix: string) => [{ object: client.object, path, wrong, fix }];
      const service = services.find(
        ({ metadata }) => metadata.name === host && metadata.namespace === client.namespace,
      );
      if (!service) return refuse(`Service "${host}" does not exist`, 'use an existing one');
      const found = service.spec.ports.find((one: Json) => one.port === port);
      if (!found) {
        const fix = `use ${service.spec.ports.map((one: Json) => one.port).join(' or ')}`;
        return refuse(`Service "${host}" has no port ${port}`, fix);
      }
      const servers = pods.filter(
        ({ namespace, labels }) =>
          namespace === client.namespace && selects({ matchLabels: service.spec.selector }, labels),
      );
      return servers.flatMap((server) => {
        const target = portNumber(server, found.targetPort ?? port);
        // A Service without pods is reported for the Service.
        if (target === undefined) return [];
        if (!isAllowed(objects, client, server, target, 'Egress'))
          return refuse(`no NetworkPolicy allows egress to "${host}"`, `allow egress to its pods on port ${target}`);
        if (!isAllowed(objects, server, client, target, 'Ingress'))
          return refuse(`no NetworkPolicy allows ingress at "${host}"`, `allow ingress from it on port ${target}`);
        return [];
      });
    }),
  );
}

/** The Service that CloudNativePG creates for the primary instance. */
function primaryService({ object: { metadata } }: Pod): Json {
  const selector = { 'cnpg.io/cluster': metadata.name, 'cnpg.io/instanceRole': 'primary' };
  return {
    metadata: { name: `${metadata.name}-rw`, namespace: metadata.namespace },
    spec: { selector, ports: [{ port: 5432 }] },
  };
}

function addressesOf(pod: Pod, objects: readonly Json[]): Address[] {
  return containersOf(pod).flatMap(({ container, path }) => {
    const own = (container.env ?? []).map(({ name, value }: Json) => [name, value, `${path}.env[${name}]`]);
    const given = (container.envFrom ?? []).flatMap(({ configMapRef }: Json) => {
      const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name);
      return Object.entries(map?.data ?? {}).map(([name, value]) => [name, value, `${path}.envFrom.${name}`]);
    });
    const clusters = objects.filter(({ kind }) => kind === 'Cluster').map(({ metadata }) => metadata.name);
    const promised = (container.env ?? []).flatMap(({ name, valueFrom }: Json) =>
      clusters
        .filter(
          (cluster) =>
            valueFrom?.secretKeyRef?.name === `${cluster}-app` && /uri|host/.test(valueFrom.secretKeyRef.key),
        )
        .map((cluster) => [name, `${cluster}-rw:5432`, `${path}.env[${name}]`]),
    );
    return [...own, ...given, ...promised].flatMap(([name, value, at]): Address[] => {
      if (name === 'PGHOST') return String(value).startsWith('/') ? [] : [{ host: value, port: 5432, path: at }];
      const match = /^(?:[a-z:]+:\/\/)?(?:[^/@]*@)?([a-z][a-z0-9-]*):(\d+)(?:\/|$)/.exec(String(value));
      return match ? [{ host: match[1] ?? '', port: Number(match[2]), path: at }] : [];
    });
  });
}

/** True if policies allow a pod's traffic: egress to a peer's port, or ingress at its own. */
function isAllowed(
  objects: readonly Json[],
  pod: Pod,
  peer: Pod,
  port: number,
  direction: 'Egress' | 'Ingress',
): boolean {
  const [rules, peers] = direction === 'Egress' ? ['egress', 'to'] : ['ingress', 'from'];
  const server = direction === 'Egress' ? peer : pod;
  const chosen = policies(objects, pod.namespace).filter(
    ({ spec }) => selects(spec.podSelector, pod.labels) && spec.policyTypes.includes(direction),
  );
  return chosen.some(({ spec }) =>
    (spec[rules ?? ''] ?? []).some((rule: Json) => {
      const isPort = !rule.ports || rule.ports.some((one: Json) => portNumber(server, one.port) === port);
      const isPeer = (one: Json) => one.podSelector && !one.namespaceSelector && selects(one.podSelector, peer.labels);
      return isPort && (!rule[peers ?? ''] || rule[peers ?? ''].some(isPeer));
    }),
  );
}

function portNumber({ spec }: Pod, port: string | number): number | undefined {
  if (typeof port === 'number') return port;
  const ports = spec.containers.flatMap(({ ports = [] }: Json) => ports);
  return ports.find(({ name }: Json) => name === port)?.containerPort;
}

function policies(objects: readonly Json[], namespace: string): Json[] {
  return objects.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === namespace);
}
