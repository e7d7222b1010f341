import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ARGOCD_APP } from '../../contracts/argocd-app';
import { BOOTSTRAP } from '../../contracts/bootstrap';
import { GITHUB } from '../../contracts/github';
import { K8S } from '../../contracts/k8s';
import { stackId } from '../../contracts/layers';
import { VPC } from '../../contracts/vpc';
import { loadPlatform } from '../../platforms/load';
import { allLayersOf, vmOf } from '../../platforms/schema/environment';
import { synthesise } from '../../stacks/app';
import { readsOf } from '../../terraform/planning/reads';
import { expectGolden, readable } from '../helpers/golden';
import { type Json, temporaryFolder } from '../helpers/synth';

const platform = loadPlatform('threads', { restoreFile: 'absent.json' });
const root = temporaryFolder();
const again = temporaryFolder();
const outdir = synthesise(platform, root);
const contracts = [BOOTSTRAP, VPC, K8S, ARGOCD_APP, GITHUB];
const layers = Object.keys(platform.environments).flatMap((env) =>
  allLayersOf(platform, env).map((layer) => ({ layer, env })),
);
const stacks = layers.map(({ layer, env }) => stackId(layer, env));

function read(stack: string): Json {
  return JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
}

function allFiles(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

test.each(stacks)('%s is as its golden file says', (stack) => {
  expectGolden(`threads/${stack}.json`, readable(read(stack)));
});

test('two syntheses are the same, byte for byte, wherever they go', () => {
  synthesise(platform, again);
  expect(allFiles(again)).toEqual(allFiles(root));
});

test('nothing of this machine is in what is synthesised', () => {
  const text = Object.values(allFiles(root)).join('\n');
  for (const own of [process.cwd(), root, process.env['HOME'] ?? root]) {
    if (own.length > 5) expect(text).not.toContain(own);
  }
  expect(text).not.toMatch(/node_modules|"(\/home|\/root|\/tmp|\/Users)/);
});

test.each(layers)('$layer of $env exports what its contract says, and a record of what it reads', ({ layer, env }) => {
  const outputs = contracts.find((contract) => contract.layer === layer)?.outputs ?? {};
  const json = read(stackId(layer, env));
  const record = json.data?.terraform_remote_state ? ['reads'] : [];
  expect(Object.keys(json.output).sort()).toEqual([...Object.keys(outputs), ...record].sort());
});

test.each(layers)('$layer of $env records exactly the outputs that it reads', ({ layer, env }) => {
  const json = read(stackId(layer, env));
  expect(json.output.reads?.value ?? {}).toEqual(Object.fromEntries(readsOf(JSON.stringify(json))));
});

test('each layer has a separate state, and reads earlier ones from their states', () => {
  const prefix = (layer: string) => `threads/prod/${layer}/state`;
  expect(contracts.map(({ layer }) => read(stackId(layer, 'prod')).terraform.backend.gcs.prefix)).toEqual(
    contracts.map(({ layer }) => prefix(layer)),
  );
  expect(read('k8s-prod').data.terraform_remote_state.vpc.config.prefix).toBe(prefix('00-vpc'));
  expect(read('argocd-app-prod').data.terraform_remote_state.k8s.config.prefix).toBe(prefix('01-k8s'));
});

test('no two stacks share a state', () => {
  const backends = stacks.map((stack) => JSON.stringify(read(stack).terraform.backend));
  expect(new Set(backends).size).toBe(stacks.length);
});

test('a local state is next to the synthesised stacks, where the next layer finds it', () => {
  const path = '../../../../.state/threads/local/01-k8s.tfstate';
  expect(read('k8s-local').terraform.backend).toEqual({ local: { path } });
  const { backend, config } = read('argocd-app-local').data.terraform_remote_state.k8s;
  expect({ backend, config }).toEqual({ backend: 'local', config: { path } });
});

test('every provider has one exact version', () => {
  const required = stacks.flatMap((stack) => Object.values<Json>(read(stack).terraform.required_providers));
  for (const { version } of required) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('cdktf finds the stacks of the platform in its own folder, in the order of the layers', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'manifest.json'), 'utf8'));
  expect(Object.keys(manifest.stacks).sort()).toEqual([...stacks].sort());
  expect(manifest.stacks['vpc-prod']).toMatchObject({
    workingDirectory: 'threads/stacks/vpc-prod',
    synthesizedStackPath: 'threads/stacks/vpc-prod/cdk.tf.json',
    dependencies: [],
  });
  expect(manifest.stacks['bootstrap-staging'].dependencies).toEqual(['bootstrap-prod']);
  expect(manifest.stacks['k8s-prod'].dependencies).toEqual(['vpc-prod']);
  expect(manifest.stacks['argocd-app-prod'].dependencies).toEqual(['k8s-prod']);
});

test('no layer has an argument that would give the VM another identity', () => {
  const text = readFileSync(join(outdir, 'stacks/vpc-prod/cdk.tf.json'), 'utf8');
  for (const argument of ['desired_status', 'metadata_startup_script', '"hostname"', 'access_config']) {
    expect(text).not.toContain(argument);
  }
});

test('a cluster that exists is reached by its own context, and keeps its storage class', () => {
  const { provider, resource, output } = read('k8s-local');
  const access = { config_path: '${pathexpand(var.kubeconfig)}', config_context: 'kind-threads' };
  expect(provider).toEqual({ kubernetes: [access], helm: [{ kubernetes: access }] });
  expect(resource.kubernetes_storage_class_v1).toBeUndefined();
  expect(output.storage_class_name.value).toBe('standard');
  expect(read('argocd-app-local').provider.kubernetes[0].config_context).toBe('kind-threads');
});

test('Image Updater runs where it delivers, and nowhere else', () => {
  const charts = (env: string) =>
    Object.values<Json>(read(`k8s-${env}`).resource.helm_release).map(({ chart }) => chart);
  expect(charts('staging')).toContain('argocd-image-updater');
  for (const env of ['prod', 'local']) expect(charts(env)).not.toContain('argocd-image-updater');
});

test.each(Object.entries(platform.environments))(
  'volumes of %s are kept or deleted as its description says',
  (env, { cluster }) => {
    if (cluster.kind !== 'k0s-vm') return;
    const classes = Object.values<Json>(read(`k8s-${env}`).resource.kubernetes_storage_class_v1);
    expect(classes.map(({ reclaim_policy }) => reclaim_policy)).toEqual([cluster.reclaimPolicy]);
  },
);

test('data of production outlives a deleted claim', () => {
  expect(vmOf(platform, 'prod').reclaimPolicy).toBe('Retain');
});

test('application namespaces are left to Git', () => {
  const namespaces = Object.values<Json>(read('k8s-prod').resource.kubernetes_namespace_v1);
  expect(namespaces.map(({ metadata }) => metadata.name).sort()).toEqual([
    'argocd',
    'external-secrets-system',
    'local-path-storage',
  ]);
});
