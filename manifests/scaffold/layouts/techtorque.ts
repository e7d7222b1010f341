import { dirname } from 'node:path';
import { imageRepository } from '../../../platforms/schema/define-platform';
import { repositoryOf } from '../../../platforms/schema/environment';
import { sourceOf } from '../../description';
import { indented, probes, type ServiceManifest, serviceOf } from '../manifests';
import { addSecret } from '../platform-source';
import { insertItem, type Place } from '../yaml-list';
import type { Layout, NewService } from './layout';

const label = 'app.kubernetes.io/name';

/** techtorque: few lines over components, settings in a ConfigMap, and a database and role of its own. */
export const techtorque: Layout = {
  manifest,
  // Each service is in a repository next to the one of the manifests.
  entry: ({ platform, name, image, port }) => ({
    image,
    port,
    source: `${dirname(platform.repository.url)}/${name}.git`,
  }),
  overlay: ({ platform }, env) => `${repositoryOf(platform, env).path}/kustomization.yaml`,
  write: (tree, service) => {
    const { platform, name, neighbour, database } = service;
    const { beside, before } = neighbour;
    const base = `k8s/${platform.name}/base`;
    tree.create(`${base}/${name}.deployment.yaml`, deployment(service));
    tree.create(`${base}/${name}.env`, settings(service));
    tree.create(`${base}/${name}.service.yaml`, serviceOf(manifest(service)));
    tree.edit(`${base}/kustomization.yaml`, (text) => {
      const place: Place = { beside: `${beside}.${before ? 'deployment' : 'service'}.yaml`, before };
      const deployed = insertItem(text, ['resources'], `${name}.deployment.yaml`, place);
      const served = insertItem(deployed, ['resources'], `${name}.service.yaml`, { beside: `${name}.deployment.yaml` });
      return insertItem(served, ['configMapGenerator'], `name: ${name}\n  envs: [${name}.env]`, neighbour);
    });
    tree.edit(`platforms/${platform.name}/facts.md`, (text) => withRow(text, service));
    if (database) {
      const role = roleOf(name);
      const key = `secretKey: ${role}\n  remoteRef:\n    key: ${platform.name}-env-postgres-${name}`;
      const databases = tree.read(`${base}/postgres.databases`).trimEnd().split('\n');
      const after = databases.findLastIndex((line) => line < role || line.startsWith('#'));
      // The superuser's key is the first.
      const beside = after ? (databases[after]?.split(' ')[0] ?? '') : 'postgres';
      tree.write(`${base}/postgres.databases`, `${databases.toSpliced(after + 1, 0, `${role} ${role}`).join('\n')}\n`);
      tree.edit(`${base}/postgres.externalsecret.yaml`, (text) => insertItem(text, ['spec', 'data'], key, { beside }));
      tree.edit(sourceOf(platform.name), (text) => addSecret(platform.name, text, `postgres-${name}`));
    }
  },
  next: ({ platform, name, port, database }) => [
    `tell whoever calls it, in their .env: http://${name}:${port}`,
    ...(database
      ? Object.keys(platform.environments).map(
          (env) => `npm run secret -- set postgres-${name} --platform ${platform.name} --env ${env}`,
        )
      : []),
  ],
};

function manifest({ name, port }: NewService): ServiceManifest {
  return { name, port, label };
}

/** PostgreSQL's names have no hyphens. */
function roleOf(name: string): string {
  return name.replaceAll('-', '_');
}

function settings({ name, port, database, health }: NewService): string {
  const role = roleOf(name);
  const [url, user, key] = health
    ? [`postgresql://postgres:5432/${role}`, 'DATABASE_USERNAME', 'DATABASE_URL']
    : [`jdbc:postgresql://postgres:5432/${role}`, 'SPRING_DATASOURCE_USERNAME', 'SPRING_DATASOURCE_URL'];
  return `${health ? 'PORT' : 'SERVER_PORT'}=${port}\n${database ? `${key}=${url}\n${user}=${role}\n` : ''}`;
}

function deployment({ platform, name, image, port, database, health }: NewService): string {
  const runtime = health ? '' : 'techtorque/runtime: spring\n';
  const password = [
    'env:',
    `  - name: ${health ? 'DATABASE_PASSWORD' : 'SPRING_DATASOURCE_PASSWORD'}`,
    '    valueFrom:',
    `      secretKeyRef: { name: postgres, key: ${roleOf(name)} }`,
  ];
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    ${label}: ${name}
${runtime && `    ${runtime}`}spec:
  selector:
    matchLabels:
      ${label}: ${name}
  template:
    metadata:
      labels:
        ${label}: ${name}
${runtime && `        ${runtime}`}        techtorque/tier: service
${database ? '        postgres/role: client\n' : ''}    spec:
      containers:
        - name: app
          image: ${imageRepository(platform, image)}
          ports:
            - { name: http, containerPort: ${port} }
${indented(['envFrom:', `  - configMapRef: { name: ${name} }`, ...(database ? password : []), ...(health ? probes(health) : [])], 10)}`;
}

/** The table of what was chosen with a row more, which stands where the service stands in the tree. */
function withRow(text: string, { name, port, database, health, neighbour }: NewService): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${neighbour.beside} `));
  const widths = (lines[at] ?? '').split('|').map((cell) => cell.length - 2);
  const kind = health ? 'own' : 'Spring Boot';
  const cells = [
    name,
    String(port),
    kind,
    database ? `\`${roleOf(name)}\`` : 'none',
    `\`${health ?? '/actuator/health/{liveness,readiness}'}\``,
  ];
  const row = `| ${cells.map((cell, index) => cell.padEnd(widths[index + 1] ?? 0)).join(' | ')} |`;
  lines.splice(neighbour.before ? at : at + 1, 0, row);
  return lines.join('\n');
}
