import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Commands } from '../helpers/commands';
import { temporaryFolder } from '../helpers/synth';

const ROOT = join(__dirname, '../..');
const folder = temporaryFolder();
const commands = new Commands();
afterAll(() => commands.close());

async function called(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { code: status, ...printed } = await commands.run(script, args, { ...process.env, ...env });
  return { status, ...printed };
}

test('refuses an option that npm has consumed, before anything is done without it', async () => {
  const { status, stderr } = await called('restore', [], { npm_config_dry_run: 'true' });
  expect(stderr).toBe('npm consumed --dry-run; put it after --: npm run restore -- --dry-run\n');
  expect(status).toBe(2);
});

test.each([
  ['sandbox', '--fresh', ['--types']],
  ['new-service', '--dry-run', ['threads', 'trial', '--port', '80']],
  ['new-environment', '--dry-run', ['threads', 'trial', '--like', 'local']],
])('npm run %s refuses a lost %s too', async (script, option, words) => {
  const { status, stderr } = await called(script, words, {
    [`npm_config_${option.slice(2).replace('-', '_')}`]: 'true',
  });
  expect(stderr).toContain(`npm consumed ${option}`);
  expect(status).toBe(2);
});

test('a reader that ends early is no failure', () => {
  const command = `${process.execPath} -r ./register.cjs scripts/sandbox.ts --types; echo "exit code $?" >&2`;
  const { stderr } = spawnSync('sh', ['-c', `{ ${command}; } | true`], { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('exit code 0\n');
});

test('refuses arguments of a synthesis, which would be ignored', () => {
  const words = ['-r', './register.cjs', 'main.ts', '--platform', 'techtorque'];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('unexpected arguments "--platform techtorque"; choose a platform with PLATFORM=<name>\n');
  expect(status).toBe(2);
});

test('synthesises the platform that PLATFORM names', () => {
  const env = { ...process.env, PLATFORM: 'todo-platform', CDKTF_OUTDIR: folder };
  const { status } = spawnSync(process.execPath, ['-r', './register.cjs', 'main.ts'], { cwd: ROOT, env });
  expect([status, readdirSync(folder).sort()]).toEqual([0, ['manifest.json', 'todo-platform']]);
});

test.each([
  ['restore', []],
  ['secret', ['set', 'postgres-password']],
  ['snapshot', ['make']],
])('npm run %s refuses to write without --env', async (script, words) => {
  const { status, stderr } = await called(script, words);
  expect(stderr).toBe('--env: missing; give the environment, such as: --env prod\n');
  expect(status).toBe(2);
});

test.each(['kubeconfig', 'tunnel'])('npm run %s needs an environment, and only one', async (script) => {
  expect(await called(script)).toMatchObject({
    status: 2,
    stderr: 'environment: missing; give one, such as prod, or use --env\n',
  });
  expect(await called(script, ['--env', 'staging', 'prod'])).toMatchObject({
    status: 2,
    stderr: 'got environment "prod" and --env staging; give only one of them\n',
  });
});

test('npm run platform has no --env, which it would ignore', async () => {
  const { status, stderr } = await called('platform', ['--env', 'nope']);
  expect(stderr).toContain("unknown option '--env'");
  expect(status).toBe(2);
});

test.each(['secret', 'snapshot'])(
  '%s without a word on what to do shows its usage, and is wrong usage',
  async (script) => {
    const { status, stderr } = await called(script);
    expect(stderr).toContain(`Usage: npm run ${script} --`);
    expect(status).toBe(2);
  },
);
