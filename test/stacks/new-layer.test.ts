import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARGOCD_APP } from '../../contracts/argocd-app';
import { BOOTSTRAP } from '../../contracts/bootstrap';
import { GITHUB } from '../../contracts/github';
import { K8S } from '../../contracts/k8s';
import { DEPLOYED_LAYERS, LAYERS } from '../../contracts/layers';
import { VPC } from '../../contracts/vpc';

const CONTRACTS = [BOOTSTRAP, VPC, K8S, ARGOCD_APP, GITHUB];

/** A copy of the sources that synthesise, rehearse and plan, in which a test may add files. */
const root = mkdtempSync(join(tmpdir(), 'strata-layer-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const CONTRACT = `import type { Contract } from './contract';

export const MESH = { layer: '03-mesh', outputs: { mesh_name: 'name of the mesh' } } as const satisfies Contract;
`;

const LAYER = `import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Construct } from 'constructs';
import { Layer, type LayerProps } from '../constructs/layer';
import { ARGOCD_APP } from '../contracts/argocd-app';
import { K8S } from '../contracts/k8s';
import { MESH } from '../contracts/mesh';

export default class MeshLayer extends Layer<typeof MESH> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, MESH, props);
    const { kubeconfig_path } = this.read(this.require(K8S), 'kubeconfig');
    new KubernetesProvider(this, 'kubernetes', this.access(kubeconfig_path));
    this.export({ mesh_name: this.read(this.require(ARGOCD_APP)).app_name });
  }
}
`;

/** What a rehearsal, its report and the commands know of layers. */
const PROBE = `import { loadPlatform } from './platforms/load';
import { deployCommand } from './platforms/schema/deploy-command';
import { layersOf } from './platforms/schema/environment';
import { life } from './rehearsal/life';
import { renderPage } from './rehearsal/page';

const platform = loadPlatform('threads');
const layers = layersOf(platform, 'prod');
const report = { ok: true, platform: 'threads', env: 'prod', simulated: true, recovery: {}, arguments: { checked: 0, accepted: 0 },
  steps: life(platform, 'prod').map(({ name, layer = '' }) => ({ name, layer, ok: true, wallSeconds: 0, simulatedSeconds: 0, added: 0, changed: 0, destroyed: 0 })),
  resources: Object.fromEntries(layers.map((id) => [id, 1])) };
console.log(JSON.stringify({ layers, steps: report.steps.filter(({ layer }) => layer === '03-mesh').map(({ name }) => name),
  drawn: renderPage(report as never).includes('03-mesh'), deploy: deployCommand(platform, 'prod', layers.slice(1)) }));
`;

const node = (...words: string[]) =>
  execFileSync(process.execPath, ['-r', './register.cjs', ...words], { cwd: root, encoding: 'utf8' });

beforeAll(() => {
  const git = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  const folders = [...new Set(git.split('\0').map((file) => file.split('/')[0] ?? ''))].filter(
    (name) => name && !/^(test|k8s|docs|sandbox|images|\..*)$/.test(name),
  );
  execFileSync('cp', ['-R', ...folders, root]);
  for (const name of ['node_modules', 'sandbox']) symlinkSync(join(process.cwd(), name), join(root, name));
  const table = join(root, 'contracts/layers.ts');
  const last = LAYERS.at(-1)?.id ?? '';
  const row = new RegExp(`(\\n +\\{ id: '${last}'.*)`);
  writeFileSync(
    table,
    readFileSync(table, 'utf8').replace(row, "$1\n  { id: '03-mesh', short: 'mesh', scope: 'cluster' },"),
  );
  writeFileSync(join(root, 'contracts/mesh.ts'), CONTRACT);
  writeFileSync(join(root, 'stacks/03-mesh.ts'), LAYER);
  writeFileSync(join(root, 'probe.ts'), PROBE);
  mkdirSync(join(root, '.cache'), { recursive: true });
});

test('a row, a contract and a stack are all that a layer needs: it is synthesised after the earlier ones', () => {
  node('main.ts');
  const { stacks } = JSON.parse(readFileSync(join(root, 'cdktf.out/manifest.json'), 'utf8')) as {
    stacks: Record<string, { dependencies: string[] }>;
  };
  expect(stacks['mesh-prod']?.dependencies).toEqual(expect.arrayContaining(['k8s-prod', 'argocd-app-prod']));
  const stack = readFileSync(join(root, 'cdktf.out/threads/stacks/mesh-prod/cdk.tf.json'), 'utf8');
  expect(JSON.parse(stack)).toMatchObject({
    terraform: { backend: { gcs: { prefix: 'threads/prod/03-mesh/state' } } },
    output: { mesh_name: { description: 'name of the mesh' } },
  });
});

test('the rehearsal, its report and the commands know it', () => {
  expect(JSON.parse(node('probe.ts'))).toEqual({
    layers: [...DEPLOYED_LAYERS, '03-mesh'],
    steps: ['deploy 03-mesh', 'destroy 03-mesh', 'rebuild 03-mesh', 'snapshot after 03-mesh'],
    drawn: true,
    deploy: expect.stringContaining(' mesh-prod'),
  });
  expect(node('scripts/snapshot.ts', 'make', '--help')).toContain('"03-mesh"');
});

test.each(CONTRACTS)('the doc comment of $layer lists what it exports', ({ layer, outputs }) => {
  const source = readFileSync(`stacks/${layer}.ts`, 'utf8');
  const [, listed = ''] = /\n \* Exports:(.*?)\n \*\/\nexport default class/s.exec(source) ?? [];
  expect(listed.match(/\w+/g)).toEqual(Object.keys(outputs));
});

test('every layer has a contract that is tested here', () => {
  expect(CONTRACTS.map(({ layer }) => layer)).toEqual(LAYERS.map(({ id }) => id));
  expect(readdirSync('stacks').filter((file) => /^\d/.test(file))).toEqual(LAYERS.map(({ id }) => `${id}.ts`));
});
