import type { Json } from '../json';
import { containersOf, instancesOf, podsOf, selects } from './pods';
import type { Check, Environment, Problem } from './problem';
import { valuesOf } from './problem';
import { hasPort } from './workloads';

/** References resolve: pods and ports of Services, volumes, storage classes, service accounts, secret stores, roles. */
export const references: Check = (objects, environment) =>
  [services, headless, volumes, accounts, stores, roles, databases, monitors]
    .flatMap((check) => check(objects, environment))
    .concat(storage(objects, environment));

const services: Check = (objects) => {
  const pods = [...podsOf(objects), ...instancesOf(objects)];
  return ofKind(objects, 'Service').flatMap((object): Problem[] => {
    const { selector, ports } = object.spec;
    const chosen = pods.filter(
      ({ namespace, labels }) => namespace === object.metadata.namespace && selects({ matchLabels: selector }, labels),
    );
    if (!chosen.length) {
      const wrong = `no pod has the labels ${JSON.stringify(selector)}`;
      return [{ object, path: 'spec.selector', wrong, fix: 'use the labels of the pod template' }];
    }
    const containers = chosen.flatMap(({ spec }) => spec.containers);
    return ports
      .filter(({ port, targetPort = port }: Json) => !containers.some((one: Json) => hasPort(one, targetPort)))
      .map(({ name, port, targetPort = port }: Json) => ({
        object,
        path: `spec.ports[${name}].targetPort`,
        wrong: `its pods have no port ${JSON.stringify(targetPort)}`,
        fix: `use one of ${containers.flatMap(({ ports = [] }: Json) => ports.map((one: Json) => one.name ?? one.containerPort)).join(', ')}`,
      }));
  });
};

const headless: Check = (objects) =>
  ofKind(objects, 'StatefulSet')
    .filter(
      ({ spec, metadata }) => find(objects, 'Service', metadata.namespace, spec.serviceName)?.spec.clusterIP !== 'None',
    )
    .map((object) => ({
      object,
      path: 'spec.serviceName',
      wrong: `headless Service "${object.spec.serviceName}" does not exist`,
      fix: 'add one with `clusterIP: None`: it gives the pods DNS names',
    }));

const volumes: Check = (objects) =>
  podsOf(objects).flatMap((pod): Problem[] => {
    const { object, spec, path, namespace } = pod;
    const templates = (object.spec.volumeClaimTemplates ?? []).map(({ metadata }: Json) => metadata.name);
    const known: string[] = [...(spec.volumes ?? []).map(({ name }: Json) => name), ...templates];
    const mounts = containersOf(pod).flatMap(({ container, path: at }) =>
      (container.volumeMounts ?? []).map(({ name }: Json) => ({ name, at: `${at}.volumeMounts[${name}]` })),
    );
    const fix = 'add the volume, or remove the mount';
    return [
      ...mounts
        .filter(({ name }) => !known.includes(name))
        .map(({ name, at }) => ({ object, path: at, wrong: `volume "${name}" does not exist`, fix })),
      ...known
        .filter((name) => !mounts.some((mount) => mount.name === name))
        .map((name) => ({
          object,
          path: `${path}.volumes[${name}]`,
          wrong: 'no container mounts it',
          fix: 'mount it, or remove it',
        })),
      ...(spec.volumes ?? [])
        .filter(
          ({ persistentVolumeClaim: claim }: Json) =>
            claim && !find(objects, 'PersistentVolumeClaim', namespace, claim.claimName),
        )
        .map(({ name, persistentVolumeClaim: claim }: Json) => ({
          object,
          path: `${path}.volumes[${name}]`,
          wrong: `PersistentVolumeClaim "${claim.claimName}" does not exist`,
          fix: 'add it, or use an existing one',
        })),
    ];
  });

const accounts: Check = (objects) =>
  podsOf(objects)
    .filter(
      ({ spec, namespace }) =>
        spec.serviceAccountName && !find(objects, 'ServiceAccount', namespace, spec.serviceAccountName),
    )
    .map(({ object, spec, path }) =>
      missing(object, `${path}.serviceAccountName`, 'ServiceAccount', spec.serviceAccountName),
    );

const stores: Check = (objects) => [
  ...ofKind(objects, 'ExternalSecret').flatMap((object): Problem[] => {
    const { kind, name } = object.spec.secretStoreRef;
    if (kind !== 'SecretStore') {
      const fix = 'use a SecretStore: no AppProject allows a ClusterSecretStore';
      return [{ object, path: 'spec.secretStoreRef.kind', wrong: `got ${kind}`, fix }];
    }
    return find(objects, kind, object.metadata.namespace, name)
      ? []
      : [missing(object, 'spec.secretStoreRef', kind, name)];
  }),
  ...ofKind(objects, 'SecretStore').flatMap((object): Problem[] => {
    const { serviceAccountRef, audience } = object.spec.provider.gcpsm?.auth?.workloadIdentityFederation ?? {};
    if (!serviceAccountRef) return [];
    const { name, audiences = [] } = serviceAccountRef;
    const path = 'spec.provider.gcpsm.auth';
    const lost = !find(objects, 'ServiceAccount', object.metadata.namespace, name);
    const wrong = `the token's audience is ${audiences.join(', ') || 'the API server'}, and Google accepts only the provider`;
    const fix = `use audiences ["https:${audience}"]`;
    return [
      ...(lost ? [missing(object, path, 'ServiceAccount', name)] : []),
      ...(!audience || audiences.includes(`https:${audience}`) ? [] : [{ object, path, wrong, fix }]),
    ];
  }),
];

const roles: Check = (objects) =>
  ofKind(objects, 'RoleBinding').flatMap((object): Problem[] => {
    const { roleRef, subjects } = object;
    const role = find(objects, 'Role', object.metadata.namespace, roleRef.name);
    const lost = subjects.filter(({ name, namespace }: Json) => !find(objects, 'ServiceAccount', namespace, name));
    return [
      ...(role ? [] : [missing(object, 'roleRef', 'Role', roleRef.name)]),
      ...lost.map(({ name }: Json) => missing(object, 'subjects', 'ServiceAccount', name)),
    ];
  });

const databases: Check = (objects) =>
  ofKind(objects, 'Database').flatMap((object): Problem[] => {
    const { cluster, owner } = object.spec;
    const server = find(objects, 'Cluster', object.metadata.namespace, cluster.name);
    if (!server) return [missing(object, 'spec.cluster', 'Cluster', cluster.name)];
    const names: string[] = server.spec.managed.roles.map(({ name }: Json) => name);
    if (names.includes(owner)) return [];
    return [
      { object, path: 'spec.owner', wrong: `role "${owner}" does not exist`, fix: `use one of ${names.join(', ')}` },
    ];
  });

const monitors: Check = (objects) =>
  ofKind(objects, 'ServiceMonitor').flatMap((object): Problem[] => {
    const found = ofKind(objects, 'Service').filter(({ metadata }) =>
      selects(object.spec.selector, metadata.labels ?? {}),
    );
    const names = found.flatMap(({ spec }) => spec.ports.map(({ name }: Json) => name));
    return object.spec.endpoints
      .filter(({ port }: Json) => !names.includes(port))
      .map(({ port }: Json) => ({
        object,
        path: `spec.endpoints[${port}]`,
        wrong: `no selected Service has a port "${port}"`,
        fix: `use one of ${names.join(', ') || 'another selector: this one selects no Service'}`,
      }));
  });

/** Storage classes exist, wherever they are named: in claims, templates, operators' objects and chart values. */
function storage(objects: readonly Json[], { storageClasses }: Environment): Problem[] {
  const known = [...storageClasses, ...ofKind(objects, 'StorageClass').map(({ metadata }) => metadata.name)];
  return objects.flatMap((object) =>
    ['storageClassName', 'storageClass']
      .flatMap((key) => valuesOf(object, key))
      .filter(({ value }) => !known.includes(value as string))
      .map(({ path, value }) => ({
        object,
        path,
        wrong: `the cluster has no storage class "${value}"`,
        fix: `use one of ${known.join(', ')}`,
      })),
  );
}

function missing(object: Json, path: string, kind: string, name: string): Problem {
  return { object, path, wrong: `${kind} "${name}" does not exist`, fix: 'add it, or use an existing one' };
}

function ofKind(objects: readonly Json[], kind: string): Json[] {
  return objects.filter((one) => one.kind === kind);
}

function find(objects: readonly Json[], kind: string, namespace: string | undefined, name: string): Json | undefined {
  return ofKind(objects, kind).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
}
