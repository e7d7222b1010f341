import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Runs terraform in the folder of a configuration. @param edit - changes the configuration before. */
async function terraform(file: string, args: readonly string[], edit = (text: string) => text) {
  const cwd = join(work, file);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'main.tf'), edit(readFileSync(join(FOLDER, file), 'utf8')));
  const output = join(work, 'output');
  const script = `exec > '${output}' 2>&1; exec terraform "$@" -no-color`;
  const code = await sandbox.run('sh', ['-c', script, 'sh', ...args], { cwd, stdio: 'ignore' });
  return { code, text: readFileSync(output, 'utf8') };
}

test.each(files)('%s is applied, then has an empty plan, and is destroyed', async (file) => {
  await terraform(file, ['init']);
  expect(await terraform(file, ['apply', '-auto-approve'])).toMatchObject({ code: 0 });
  expect(await terraform(file, ['plan', '-detailed-exitcode'])).toMatchObject({ code: 0 });
  expect(await terraform(file, ['destroy', '-auto-approve'])).toMatchObject({ code: 0 });
});

const RESOURCE = /^resource "(\w+)" "(\w+)" \{(?:.*\}$|[\s\S]*?^\}$)/gm;

test('every deliberate mistake is refused', async () => {
  const source = readFileSync(join(FOLDER, MISTAKES), 'utf8');
  const made = [...source.matchAll(RESOURCE)].map(([, type, name]) => `${type}.${name}`);
  const refused = new Set<string>();
  await terraform(MISTAKES, ['init']);
  // A mistake that is refused at plan keeps those from being applied that only the API refuses.
  for (let found = true; found; ) {
    const { text } = await terraform(MISTAKES, ['apply', '-auto-approve'], (hcl) =>
      hcl.replace(RESOURCE, (block, type, name) => (refused.has(`${type}.${name}`) ? '' : block)),
    );
    expect(text).not.toContain('the sandbox failed');
    const more = [...text.matchAll(/^ +with ([\w.]+),$/gm)].map(([, address = '']) => address);
    found = more.some((address) => made.includes(address) && !refused.has(address));
    for (const address of more) refused.add(address);
  }
  const types = supportedTypes();
  process.stdout.write(
    `sandbox: ${types.filter(({ kind }) => kind === 'resource').length} resource types and ` +
      `${types.filter(({ kind }) => kind !== 'resource').length} data sources, ${files.length} foreign configurations, ` +
      `${made.filter((address) => refused.has(address)).length} of ${made.length} deliberate mistakes refused\n`,
  );
  expect(made.filter((address) => !refused.has(address))).toEqual([]);
});
