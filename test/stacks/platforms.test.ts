import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadPlatform } from '../../platforms/load';
import { allLayersOf, layersOf, stackOf } from '../../platforms/schema/environment';
import { synthesise } from '../../stacks/app';
import { expectGolden, readable } from '../helpers/golden';
import { type Json, temporaryFolder } from '../helpers/synth';

const root = temporaryFolder();
const again = temporaryFolder();

function textOf(outdir: string, stack: string): string {
  return readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8');
}

function read(platform: string, stack: string): Json {
  return JSON.parse(textOf(join(root, platform), stack));
}

describe.each(['techtorque', 'todo-platform', 'real-estate'])('%s', (name) => {
  const platform = loadPlatform(name, { restoreFile: 'absent.json' });
  const described = Object.keys(platform.environments).flatMap((env) =>
    allLayersOf(platform, env).map((layer) => stackOf(platform, env, layer)),
  );
  const stacks = [...new Set(described)].sort();
  const outdir = synthesise(platform, root);

  test('has these stacks, as their golden files say', () => {
    expect(readdirSync(join(outdir, 'stacks')).sort()).toEqual(stacks);
    for (const stack of stacks) expectGolden(`${name}/${stack}.json`, readable(JSON.parse(textOf(outdir, stack))));
  });

  test('is synthesised the same, byte for byte, a second time', () => {
    const other = synthesise(platform, again);
    for (const stack of stacks) expect(textOf(other, stack)).toBe(textOf(outdir, stack));
  });
});

test('environments on one cluster share its Argo CD, and deploy to separate namespaces with separate AppProjects', () => {
  for (const [env, namespace, branch] of [
    ['dev', 'dev', 'dev'],
    ['prod', 'default', 'main'],
  ] as const) {
    const { data, resource } = read('techtorque', `argocd-app-${env}`);
    expect(data.terraform_remote_state.k8s.config.prefix).toBe('techtorque/prod/01-k8s/state');
    const { root_project: project, root_application: application } = resource.kubernetes_manifest;
    expect(project.manifest.metadata.name).toBe(`techtorque-services-${env}`);
    expect(project.manifest.spec.destinations).toEqual([{ server: 'https://kubernetes.default.svc', namespace }]);
    expect(application.manifest.spec).toMatchObject({
      project: project.manifest.metadata.name,
      source: { targetRevision: branch, path: `k8s/techtorque/overlays/${env}` },
      destination: { namespace },
    });
  }
});

test('what Argo CD may create in the cluster on Hetzner includes the storage class that keeps a volume', () => {
  const { root_project: project } = read('real-estate', 'argocd-app-dev').resource.kubernetes_manifest;
  expect(project.manifest.spec.clusterResourceWhitelist).toEqual([
    { group: '', kind: 'Namespace', name: expect.any(String) },
    { group: 'storage.k8s.io', kind: 'StorageClass', name: 'hcloud-volumes-retain' },
  ]);
});

test('an app of apps may create AppProjects and Applications in the namespace of Argo CD, and nothing else', () => {
  const { root_project: project, root_application: application } = read('todo-platform', 'argocd-app-prod').resource
    .kubernetes_manifest;
  const destination = {
    server: 'https://kubernetes.default.svc',
    namespace: '${data.terraform_remote_state.k8s.outputs.argocd_namespace}',
  };
  expect(project.manifest.spec.destinations).toEqual([destination]);
  expect(application.manifest.spec.destination).toEqual(destination);
  expect(project.manifest.spec.clusterResourceWhitelist).toEqual([]);
  expect(project.manifest.spec.namespaceResourceWhitelist.map(({ kind }: Json) => kind)).toEqual([
    'AppProject',
    'Application',
  ]);
});

const IDENTITY_OF_THE_NODE = [undefined, 'external-secrets', 'argocd-image-updater'];

test.each(['threads', 'techtorque', 'todo-platform', 'real-estate'])(
  'in every namespace that a layer of %s creates, only External Secrets and Image Updater reach the metadata server',
  (name) => {
    const platform = loadPlatform(name, { restoreFile: 'absent.json' });
    const outdir = synthesise(platform, root);
    const made = readdirSync(join(outdir, 'stacks')).flatMap((stack) => {
      const { kubernetes_namespace_v1: namespaces = {}, kubernetes_network_policy_v1: policies = {} } =
        JSON.parse(textOf(outdir, stack)).resource ?? {};
      return Object.keys(namespaces).map((id) => [id, Object.values<Json>(policies)] as const);
    });
    expect(made.length).toBeGreaterThan(0);
    for (const [id, policies] of made) {
      const own = policies.find(({ metadata }) => metadata.namespace.includes(`kubernetes_namespace_v1.${id}.`));
      expect(own?.spec.policy_types).toEqual(['Egress']);
      const [rule, ...others] = own.spec.egress;
      expect(others).toEqual([]);
      expect(rule.to).toEqual([
        { namespace_selector: {} },
        { ip_block: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } },
      ]);
      const [expression] = own.spec.pod_selector.match_expressions ?? [];
      expect([undefined, 'NotIn']).toContain(expression?.operator);
      expect(IDENTITY_OF_THE_NODE).toContain(expression?.values.join());
    }
  },
);

const projects = ['threads', 'techtorque', 'todo-platform', 'real-estate'].flatMap((name) => {
  const platform = loadPlatform(name, { restoreFile: 'absent.json' });
  const outdir = synthesise(platform, root);
  return Object.keys(platform.environments)
    .filter((env) => layersOf(platform, env).includes('02-argocd-app'))
    .flatMap((env) =>
      Object.values<Json>(
        JSON.parse(textOf(outdir, stackOf(platform, env, '02-argocd-app'))).resource.kubernetes_manifest,
      )
        .filter(({ manifest }) => manifest.kind === 'AppProject')
        .map(({ manifest }): [string, Json] => [`${name} ${env} ${manifest.metadata.name}`, manifest.spec]),
    );
});

test.each(projects)(
  'AppProject of %s lets Git change no namespace but its own, and nothing else of the cluster',
  (_, spec) => {
    const own = spec.destinations.map(({ namespace }: Json) => namespace);
    for (const { group, kind, name } of spec.clusterResourceWhitelist) {
      expect(['Namespace', 'StorageClass']).toContain(kind);
      expect(group).not.toBe('*');
      expect(kind === 'Namespace' ? own : ['hcloud-volumes-retain']).toContain(name);
    }
  },
);

// Whoever pushes to the repository of an app of apps is an administrator of the cluster: its projects are in it.
test.each(projects.filter(([name]) => !name.startsWith('todo-platform')))(
  'AppProject of %s lets Git write nothing next to Argo CD that could change what Argo CD may do',
  (_, spec) => {
    const isNextToArgoCd = spec.destinations.some(({ namespace }: Json) => namespace.includes('argocd_namespace'));
    const kinds = isNextToArgoCd ? spec.namespaceResourceWhitelist : [];
    expect(kinds).toEqual(isNextToArgoCd ? [{ group: 'argocd-image-updater.argoproj.io', kind: 'ImageUpdater' }] : []);
  },
);

test('waves of an app of apps wait for the health of its Applications', () => {
  const { values } = read('todo-platform', 'k8s-prod').resource.helm_release['argo-cd_release'];
  expect(parse(values[0]).configs.cm['resource.customizations.health.argoproj.io_Application']).toContain(
    'hs.status = obj.status.health.status',
  );
});
