import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addToKubeconfig } from '../kubernetes/clusters/kubeconfig';
import type { ExistingCluster } from '../machines/existing';
import { type Sandbox, startSandbox } from '../sandbox';
import { supportedTypes } from '../types';

/** Configurations as others write them, one file each; `mistakes.tf` is one that the real providers or their APIs refuse. */
const FOLDER = join(__dirname, 'foreign');
const MISTAKES = 'mistakes.tf';
const files = readdirSync(FOLDER).filter((name) => name !== MISTAKES);

const CLUSTER: ExistingCluster = {
  context: 'demo',
  current: true,
  kubeconfig: '~/.kube/config',
  nodeName: 'demo-control-plane',
  memoryMiB: 8192,
  cpus: 4,
  architecture: 'amd64',
  storageClasses: ['standard'],
};

let work: string;
let sandbox: Sandbox;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'sandbox-foreign-'));
  sandbox = await startSandbox({
    directory: join(work, 'sandbox'),
    clusters: [CLUSTER],
    onClusterAnswers: ({ kubeconfig, home }) => addToKubeconfig(join(home, '.kube', 'config'), kubeconfig),
  });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(work, { recursive: true });
});

/** Runs terraform in the folder of a configuration. */
async function terraform(file: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const cwd = join(work, file);
  mkdirSync(cwd, { recursive: true });
  cpSync(join(FOLDER, file), join(cwd, 'main.tf'));
  const output = join(work, 'output');
  const script = `exec > '${output}' 2>&1; exec terraform "$@" -no-color`;
  const code = await sandbox.run('sh', ['-c', script, 'sh', ...args], { cwd, stdio: 'ignore' });
  return { code, text: readFileSync(output, 'utf8') };
}

test.each(files)('%s is applied, then has an empty plan, and is destroyed', async (file) => {
  await terraform(file, 'init');
  expect(await terraform(file, 'apply', '-auto-approve')).toMatchObject({ code: 0 });
  expect(await terraform(file, 'plan', '-detailed-exitcode')).toMatchObject({ code: 0 });
  expect(await terraform(file, 'destroy', '-auto-approve')).toMatchObject({ code: 0 });
});

test('every deliberate mistake is refused', async () => {
  await terraform(MISTAKES, 'init');
  const { text } = await terraform(MISTAKES, 'apply', '-auto-approve');
  const source = readFileSync(join(FOLDER, MISTAKES), 'utf8');
  const made = [...source.matchAll(/^resource "(\w+)" "(\w+)"/gm)].map(([, type, name]) => `${type}.${name}`);
  const refused = new Set([...text.matchAll(/^ +with ([\w.]+),$/gm)].map(([, address]) => address));
  const types = supportedTypes();
  process.stdout.write(
    `sandbox: ${types.filter(({ kind }) => kind === 'resource').length} resource types and ` +
      `${types.filter(({ kind }) => kind !== 'resource').length} data sources, ${files.length} foreign configurations, ` +
      `${made.filter((address) => refused.has(address)).length} of ${made.length} deliberate mistakes refused\n`,
  );
  expect(made.filter((address) => !refused.has(address))).toEqual([]);
});
