import { dirname } from 'node:path';
import { imageRepository } from '../schema/define-platform';
import { repositoryOf } from '../schema/environment';
import type { Change, ListPlace, NewService, Scaffold } from '../schema/scaffold';
import { probes, type ServiceObjects, serviceObject } from '../schema/service-objects';
import type { TreeReader } from '../schema/trees';

const label = 'app.kubernetes.io/name';

/** techtorque: short manifests that components complete, settings in a ConfigMap, and a database and role for each service. */
export default {
  // Each service is in a repository next to the one of the manifests.
  entry: ({ platform, name, image, port }) => ({
    image,
    port,
    source: `${dirname(platform.repository.url)}/${name}.git`,
  }),
  secrets: ({ name, database }) => (database ? [`postgres-${name}`] : []),
  overlay: ({ platform }, env) => `${repositoryOf(platform, env).path}/kustomization.yaml`,
  objects,
  service: (service, tree) => {
    const { platform, name, neighbour, database } = service;
    const { item, before } = neighbour;
    const base = `k8s/${platform.name}/base`;
    const listed = (kind: string, place: ListPlace): Change => ({
      file: `${base}/kustomization.yaml`,
      insert: `${name}.${kind}.yaml`,
      into: ['resources'],
      place,
    });
    return [
      { file: `${base}/${name}.deployment.yaml`, create: deployment(service) },
      { file: `${base}/${name}.env`, create: settings(service) },
      { file: `${base}/${name}.service.yaml`, create: serviceObject(objects(service)) },
      listed('deployment', {
        item: `${item}.${before ? 'deployment' : 'service'}.yaml`,
        ...(before && { before }),
      }),
      listed('service', { item: `${name}.deployment.yaml` }),
      {
        file: `${base}/kustomization.yaml`,
        insert: { name, envs: [`${name}.env`] },
        into: ['configMapGenerator'],
        place: neighbour,
      },
      { file: `platforms/${platform.name}/facts.md`, edit: (text) => withRow(text, service) },
      ...(database ? databaseOf(service, tree) : []),
    ];
  },
  next: ({ platform, name, port, database }) => [
    `tell whoever calls it, in their .env: http://${name}:${port}`,
    ...(database
      ? Object.keys(platform.environments).map(
          (env) => `npm run secret -- set postgres-${name} --platform ${platform.name} --env ${env}`,
        )
      : []),
  ],
} satisfies Scaffold;

function objects({ name, port }: NewService): ServiceObjects {
  return { name, port, label };
}

/** PostgreSQL's names have no hyphens. */
function roleOf(name: string): string {
  return name.replaceAll('-', '_');
}

/** A database and a role in alphabetical order, and the password of the role. */
function databaseOf({ platform, name }: NewService, tree: TreeReader): Change[] {
  const role = roleOf(name);
  const lines = tree.read('base/postgres.databases').trimEnd().split('\n');
  const after = lines.findLastIndex((line) => line < role || line.startsWith('#'));
  const base = `k8s/${platform.name}/base`;
  return [
    {
      file: `${base}/postgres.databases`,
      edit: () => `${lines.toSpliced(after + 1, 0, `${role} ${role}`).join('\n')}\n`,
    },
    {
      file: `${base}/postgres.externalsecret.yaml`,
      insert: { secretKey: role, remoteRef: { key: `${platform.name}-env-postgres-${name}` } },
      into: ['spec', 'data'],
      // The superuser's key is the first.
      place: { item: after ? (lines[after]?.split(' ')[0] ?? '') : 'postgres' },
    },
  ];
}

function settings({ name, port, database, health }: NewService): string {
  const role = roleOf(name);
  const [url, user, key] = health
    ? [`postgresql://postgres:5432/${role}`, 'DATABASE_USERNAME', 'DATABASE_URL']
    : [`jdbc:postgresql://postgres:5432/${role}`, 'SPRING_DATASOURCE_USERNAME', 'SPRING_DATASOURCE_URL'];
  return `${health ? 'PORT' : 'SERVER_PORT'}=${port}\n${database ? `${key}=${url}\n${user}=${role}\n` : ''}`;
}

/** A service without a path for its probes runs on Spring Boot, whose component has them. */
function deployment({ platform, name, image, port, database, health }: NewService): object {
  const runtime = health ? {} : { 'techtorque/runtime': 'spring' };
  const password = {
    name: health ? 'DATABASE_PASSWORD' : 'SPRING_DATASOURCE_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'postgres', key: roleOf(name) } },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { [label]: name, ...runtime } },
    spec: {
      selector: { matchLabels: { [label]: name } },
      template: {
        metadata: {
          labels: {
            [label]: name,
            ...runtime,
            'techtorque/tier': 'service',
            ...(database && { 'postgres/role': 'client' }),
          },
        },
        spec: {
          containers: [
            {
              name: 'app',
              image: imageRepository(platform, image),
              ports: [{ name: 'http', containerPort: port }],
              envFrom: [{ configMapRef: { name } }],
              ...(database && { env: [password] }),
              ...(health && probes(health)),
            },
          ],
        },
      },
    },
  };
}

/** The table of the services in `facts.md` with one more row, next to the neighbour's. */
function withRow(text: string, { name, port, database, health, neighbour }: NewService): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${neighbour.item} `));
  const widths = (lines[at] ?? '').split('|').map((cell) => cell.length - 2);
  const cells = [
    name,
    String(port),
    health ? 'own' : 'Spring Boot',
    database ? `\`${roleOf(name)}\`` : 'none',
    `\`${health ?? '/actuator/health/{liveness,readiness}'}\``,
  ];
  const row = `| ${cells.map((cell, index) => cell.padEnd(widths[index + 1] ?? 0)).join(' | ')} |`;
  lines.splice(neighbour.before ? at : at + 1, 0, row);
  return lines.join('\n');
}
