import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderBehaviour } from '../../protocol/behaviour';
import { deriveSchema } from '../../protocol/schema/derive';
import { type Fields, fieldAt } from '../../protocol/schema/field';
import { InstalledSchemas, packageFolder } from '../../protocol/schema/installed';
import { ServedProvider } from '../../protocol/served';
import { generateBindings, generatedCode, installedCode } from '../helpers/generated';
import { Ground } from './ground';

/** Of every kind of field: nested and repeated blocks, computed lists, nested attributes, free-form values, shards. */
const SAMPLE: Record<string, { source: string; resources: string[]; data: string[] }> = {
  google: {
    source: 'hashicorp/google',
    resources: ['google_compute_network', 'google_compute_instance', 'google_container_cluster'],
    data: ['google_compute_snapshot'],
  },
  kubernetes: {
    source: 'hashicorp/kubernetes',
    resources: ['kubernetes_namespace_v1', 'kubernetes_manifest', 'kubernetes_deployment_v1'],
    data: ['kubernetes_resource'],
  },
  helm: { source: 'hashicorp/helm', resources: ['helm_release'], data: ['helm_template'] },
  github: { source: 'integrations/github', resources: ['github_repository'], data: [] },
  null: { source: 'hashicorp/null', resources: ['null_resource'], data: ['null_data_source'] },
};

/** Of everything that is installed, folders at equal distances: enough for fifty types in all. */
const SPREAD: Readonly<Record<string, number>> = { google: 22, kubernetes: 9, helm: 1, github: 9, null: 1 };
for (const [name, { resources, data }] of Object.entries(SAMPLE)) {
  const lib = readdirSync(join(packageFolder(name), 'lib'), { withFileTypes: true });
  const all = lib.flatMap((entry) => (entry.isDirectory() && entry.name !== 'provider' ? entry.name : []));
  const folders = all.sort();
  const count = SPREAD[name] ?? 0;
  for (let index = 0; index < count; index++) {
    const folder = folders[Math.floor(((index + 0.5) * folders.length) / count)] ?? '';
    const isData = folder.startsWith(`data-${name}-`);
    const type = (isData ? folder.slice('data-'.length) : `${name}-${folder}`).replaceAll('-', '_');
    const sample = isData ? data : resources;
    if (!sample.includes(type)) sample.push(type);
  }
}

const idle = (type: string) => ({
  type,
  arguments: {},
  create: () => Promise.reject(new Error('only its schema is served')),
  read: async () => null,
  update: () => Promise.reject(new Error('only its schema is served')),
  delete: async () => {},
});

function onlySchemas(name: string): ProviderBehaviour {
  const { source = '', resources = [], data = [] } = SAMPLE[name] ?? {};
  return {
    name,
    source,
    resources: resources.map(idle),
    data: data.map((type) => ({ ...idle(type), read: async () => ({}) })),
  };
}

test("CDKTF's generator makes the installed packages again from the schemas that are served", async () => {
  const ground = await Ground.open(Object.keys(SAMPLE).map(onlySchemas));
  ground.write(
    `terraform {\n  required_providers {\n${Object.entries(SAMPLE)
      .map(([name, { source }]) => `    ${name} = {\n      source = "${source}"\n    }\n`)
      .join('')}  }\n}\n`,
  );
  const printed = JSON.parse((await ground.passes('providers', 'schema', '-json')).stdout);
  await ground.close();
  const bindings = await generateBindings(printed);
  const compared: string[] = [];
  for (const [name, { resources, data }] of Object.entries(SAMPLE)) {
    const kebab = (type: string) => type.replaceAll('_', '-');
    const folders = [
      'provider',
      ...resources.map((type) => kebab(type.slice(name.length + 1))),
      ...data.map((type) => `data-${kebab(type)}`),
    ];
    for (const folder of folders) {
      expect(generatedCode(join(bindings, 'providers', name, folder))).toBe(
        installedCode(join(packageFolder(name), 'lib', folder)),
      );
      compared.push(folder);
    }
  }
  rmSync(bindings, { recursive: true });
  expect(compared.filter((folder) => folder !== 'provider').length).toBeGreaterThanOrEqual(50);
});

describe('what the generator does not show', () => {
  const fields = (name: string, type: string) => new InstalledSchemas(name).resource(type);

  test.each([
    ['google_compute_instance', 'boot_disk', { kind: 'block', nesting: 'list', max: 1, min: 1 }],
    ['google_compute_instance', 'network_interface', { kind: 'block', nesting: 'list', max: 0, min: 1 }],
    ['google_compute_firewall', 'allow', { kind: 'block', nesting: 'set', max: 0 }],
    ['google_compute_firewall', 'timeouts', { kind: 'block', nesting: 'single' }],
    ['helm_release', 'timeouts', { kind: 'attribute', nesting: 'single' }],
    ['helm_release', 'set', { kind: 'attribute', nesting: 'list' }],
    ['helm_release', 'metadata', { kind: 'attribute', computed: true }],
    ['kubernetes_manifest', 'manifest', { kind: 'attribute', type: 'dynamic', required: true }],
    ['kubernetes_manifest', 'wait_for', { kind: 'attribute', nesting: 'single' }],
    ['kubernetes_manifest', 'wait', { kind: 'block', nesting: 'list', max: 1 }],
  ])('%s.%s', (type, path, expected) => {
    expect(fieldAt(fields(type.split('_')[0] ?? '', type), path)).toMatchObject(expected);
  });

  test('a map key and a free-form path are part of their attribute', () => {
    expect(fieldAt(fields('google', 'google_compute_instance'), 'metadata.startup-script')?.type).toEqual([
      'map',
      'string',
    ]);
    expect(fieldAt(fields('kubernetes', 'kubernetes_manifest'), 'manifest.metadata.name')?.type).toBe('dynamic');
    expect(fieldAt(fields('google', 'google_compute_instance'), 'boot_disk.nothing')).toBeUndefined();
  });
});

test('alias belongs to terraform, not to the provider', () => {
  expect(Object.keys(new InstalledSchemas('helm').provider())).not.toContain('alias');
});

test('a rule or a secret that the schema does not have is a mistake, said at the start', () => {
  const google = (extra: object): ProviderBehaviour => ({
    name: 'google',
    source: 'hashicorp/google',
    resources: [{ ...idle('google_compute_network'), ...extra }],
    data: [],
  });
  expect(() => new ServedProvider(google({ arguments: { nmae: 'replace', name: 'replace' } }))).toThrow(
    'google_compute_network has no argument nmae: correct its rules',
  );
  expect(() => new ServedProvider(google({ sensitive: ['sceret'] }))).toThrow(
    'google_compute_network has no attribute "sceret" to mark as sensitive',
  );
});

test('a type or a provider that is not installed is named', () => {
  expect(() => new InstalledSchemas('google').resource('google_no_such')).toThrow(
    '@cdktf/provider-google has no resource google_no_such: lib/no-such is not there',
  );
  expect(() => deriveSchema('resource', ['export class A {}'])).toThrow('no class extends cdktf.TerraformResource');
});

test('a derived schema read back from the cache is the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cache-'));
  const first: Fields = new InstalledSchemas('google', folder).resource('google_compute_disk');
  const schemas = new InstalledSchemas('google', folder);
  schemas.resource('google_compute_disk');
  schemas.save();
  expect(new InstalledSchemas('google', folder).resource('google_compute_disk')).toEqual(first);
  rmSync(folder, { recursive: true });
});
