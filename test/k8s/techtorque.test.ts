import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, render } from '../../manifests/checks/render';
import techtorque from '../../platforms/techtorque/platform';
import type { Json } from '../helpers/synth';

const ENVIRONMENTS: readonly (readonly [string, string, string])[] = [
  ['dev', 'dev', 'dev'],
  ['prod', 'default', 'main'],
];
const SERVICES = Object.keys(techtorque.services);
const BASE = join(__dirname, '../../k8s/techtorque/base');
const objects = (path: string): Json[] => parse(render(`k8s/techtorque/${path}`));
const deployments = (env: string): Json[] => objects(`overlays/${env}`).filter(({ kind }) => kind === 'Deployment');

test.each(ENVIRONMENTS)(
  '%s runs every service in namespace %s, each pulled anew, tagged by its branch',
  (env, namespace, branch) => {
    const all = deployments(env);
    expect(all.map(({ metadata }) => metadata.name)).toEqual(SERVICES);
    for (const { metadata, spec } of all) {
      const [container] = spec.template.spec.containers;
      expect(metadata.namespace).toBe(namespace);
      expect(container.imagePullPolicy).toBe('Always');
      expect(container.image).toMatch(new RegExp(`^ghcr.io/techtorque-2025/${metadata.name}:${branch}-[0-9a-f]{7}$`));
    }
  },
);

test.each(ENVIRONMENTS)('%s has separate tags, so that its branch edits no file of the other', (env) => {
  const overlay = parse(readFileSync(join(BASE, `../overlays/${env}/kustomization.yaml`), 'utf8'))[0];
  expect(overlay.images.map(({ name }: Json) => name.split('/').at(-1))).toEqual([...SERVICES, 'postgres']);
  expect(parse(readFileSync(join(BASE, 'kustomization.yaml'), 'utf8'))[0].images).toBeUndefined();
});

test('a service is a file of few lines', () => {
  for (const service of SERVICES)
    expect(readFileSync(join(BASE, `${service}.deployment.yaml`), 'utf8').split('\n').length).toBeLessThan(45);
});

test('each service with a database has a separate one, with its password', () => {
  const [databases, secret] = ['ConfigMap', 'ExternalSecret'].map((kind) =>
    objects('overlays/prod').find((one) => one.kind === kind && /^postgres(-databases.*)?$/.test(one.metadata.name)),
  );
  const owners = databases.data.databases
    .trim()
    .split('\n')
    .slice(1)
    .map((line: string) => line.split(' ')[1]);
  expect(secret.spec.data.map(({ secretKey }: Json) => secretKey)).toEqual(['postgres', ...owners]);
  const users = deployments('prod').flatMap(
    ({ spec }) =>
      spec.template.spec.containers[0].env
        ?.map(({ valueFrom }: Json) => valueFrom.secretKeyRef)
        .filter(({ name }: Json) => name === 'postgres') ?? [],
  );
  expect(users.map(({ key }: Json) => key)).toEqual(owners);
});

test('development reads other secrets than production', () => {
  const keys = (env: string): string[] =>
    objects(`overlays/${env}`)
      .filter(({ kind }) => kind === 'ExternalSecret')
      .flatMap(({ spec }) => spec.data.map(({ remoteRef }: Json) => remoteRef.key));
  for (const key of keys('dev')) expect(key).toMatch(/^techtorque-dev-/);
  for (const key of keys('prod')) expect(key).toMatch(/^techtorque-prod-/);
});

test('ports and databases are those of the table of what we chose', () => {
  const table = readFileSync(join(__dirname, '../../platforms/techtorque/facts.md'), 'utf8');
  const rows = [...table.matchAll(/^\| ([a-z-]+) +\| (\d+) +\| [^|]+\| `?(\w+)`? +\|/gm)].map(([, ...cells]) => cells);
  const env = (service: string) => readFileSync(join(BASE, `${service}.env`), 'utf8');
  const found = deployments('prod').map(({ metadata: { name }, spec }) => {
    const [{ containerPort }] = spec.template.spec.containers[0].ports;
    return [name, String(containerPort), /5432\/(\w+)/.exec(env(name))?.[1] ?? 'none'];
  });
  expect(rows).toEqual(found);
});

test('visitors reach the front end and the gateway, and no other pod', () => {
  const all = objects('overlays/prod');
  const open = all.filter(
    ({ kind, spec }) => kind === 'NetworkPolicy' && spec.ingress?.some(({ from }: Json) => !from),
  );
  expect(open.map(({ metadata }) => metadata.name)).toEqual(['edge']);
  const [{ spec }] = open as [Json];
  const tier = spec.podSelector.matchLabels['techtorque/tier'];
  const reached = deployments('prod').filter((one) => one.spec.template.metadata.labels['techtorque/tier'] === tier);
  expect(reached.map(({ metadata }) => metadata.name).sort()).toEqual(['api-gateway', 'frontend-web']);
});
