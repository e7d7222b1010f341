import { readFileSync } from 'node:fs';
import { parse, render } from '../../manifests/checks/render';
import { loadPlatform } from '../../platforms/load';
import { architectureOf } from '../../platforms/schema/cluster';
import { imageRepository, type Platform } from '../../platforms/schema/define-platform';
import { namespaceOf, repositoryOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import type { Json } from '../helpers/synth';

const techtorque = loadPlatform('techtorque');
const todo = loadPlatform('todo-platform');
const realEstate = loadPlatform('real-estate');

/** What a tree runs: images without tags, and their first ports. */
function workloads(paths: readonly string[]): [string, number][] {
  return paths
    .flatMap((path): Json[] => parse(render(path)))
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ spec }) => spec.template.spec.containers[0])
    .map(({ image, ports }): [string, number] => [image.replace(/:[^:]+$/, ''), ports[0].containerPort]);
}

const described = (platform: Platform) =>
  Object.values(platform.services).map(({ image, port }) => [imageRepository(platform, image), port]);

const keysIn = (path: string): string[] =>
  parse(render(path))
    .filter(({ kind }: Json) => kind === 'ExternalSecret')
    .flatMap(({ spec }: Json) => spec.data.map(({ remoteRef }: Json) => remoteRef.key));

const keysOf = (platform: Platform, env: string) => platform.secrets.map(namesOf(platform.name, env).secret);

test.each(['dev', 'prod'])('techtorque %s is described as its tree has it', (env) => {
  const repository = repositoryOf(techtorque, env);
  expect(workloads([repository.path])).toEqual(described(techtorque));
  expect(new Set(keysIn(repository.path))).toEqual(new Set(keysOf(techtorque, env)));
  const namespaces = parse(render(repository.path)).map(({ metadata }: Json) => metadata.namespace);
  expect(new Set(namespaces.filter(Boolean))).toEqual(new Set([namespaceOf(techtorque, env)]));
});

test.each(['prod', 'local'])('todo-platform %s is described as its tree has it', (env) => {
  const applications = Object.keys(todo.services).map(
    (name) => `k8s/todo-platform/applications/${name}/overlays/${env}`,
  );
  expect(workloads(applications)).toEqual(described(todo));
  const { url, branch, path } = repositoryOf(todo, env);
  const own = parse(render(path)).filter(({ kind, spec }: Json) => kind === 'Application' && spec.source.path);
  expect(own.length).toBeGreaterThan(applications.length);
  for (const { spec } of own) expect(spec.source).toMatchObject({ repoURL: url, targetRevision: branch });
});

test('secrets of todo-platform are those that its tree reads', () => {
  const paths = [
    'applications/todo-bot/overlays/prod',
    'infrastructure/namespaces/overlays/prod',
    'infrastructure/arc-runners',
  ];
  const keys = paths.flatMap((path) => keysIn(`k8s/todo-platform/${path}`));
  expect(new Set(keys)).toEqual(new Set(keysOf(todo, 'prod')));
});

test.each(['dev', 'test', 'prod'])('real-estate %s is on the cluster that its configuration makes', (env) => {
  const [config] = parse(readFileSync(`k8s/real-estate/hetzner/${env}/cluster/cluster-config.yaml`, 'utf8'));
  const cluster = realEstate.environments[env]?.cluster;
  expect(cluster).toEqual({
    kind: 'hetzner-k3s',
    name: config.cluster_name,
    machineType: config.worker_node_pools[0].instance_type,
  });
  expect(config.kubeconfig_path).toBe(namesOf('real-estate', env).kubeconfig);
  expect(cluster && architectureOf(cluster)).toBe('amd64');
});

test('real-estate has a separate folder for a laptop', () => {
  expect(repositoryOf(realEstate, 'local').path).toBe('k8s/real-estate/podman/local');
  const [set] = parse(render('k8s/real-estate/podman/local')).filter(({ kind }: Json) => kind === 'StatefulSet');
  expect(set.spec.volumeClaimTemplates[0].spec.storageClassName).toBe('local-path');
});

test('secrets of real-estate are those that production reads once Argo CD applies', () => {
  expect(new Set(keysIn('k8s/real-estate/argocd/prod'))).toEqual(new Set(keysOf(realEstate, 'prod')));
});
