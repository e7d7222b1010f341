import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

function called(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const words = ['-r', './register.cjs', join('scripts', `${script}.ts`), ...args];
  return spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } });
}

test('an option that npm has kept to itself is refused, before anything is done without it', () => {
  const { status, stderr } = called('restore', [], { npm_config_dry_run: 'true' });
  expect(stderr).toBe('npm has kept --dry-run to itself; put it behind --, as in: npm run restore -- --dry-run\n');
  expect(status).toBe(2);
});

test.each([
  ['sandbox', '--fresh', ['--types']],
  ['new-service', '--dry-run', ['threads', 'trial', '--port', '80']],
  ['new-environment', '--dry-run', ['threads', 'trial', '--like', 'local']],
])('npm run %s refuses a lost %s too', (script, option, words) => {
  const { status, stderr } = called(script, words, { [`npm_config_${option.slice(2).replace('-', '_')}`]: 'true' });
  expect(stderr).toContain(`npm has kept ${option} to itself`);
  expect(status).toBe(2);
});

test('a reader that ends early is no failure', () => {
  const command = `${process.execPath} -r ./register.cjs scripts/sandbox.ts --types; echo "exit code $?" >&2`;
  const { stderr } = spawnSync('sh', ['-c', `{ ${command}; } | true`], { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('exit code 0\n');
});

test('a synthesis that is given words is refused: they would be ignored', () => {
  const words = ['-r', './register.cjs', 'main.ts', '--platform', 'techtorque'];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('got "--platform techtorque"; synthesis takes no words, only PLATFORM=<name>\n');
  expect(status).toBe(2);
});

test.each(['secret', 'snapshot'])('%s without a word on what to do shows its usage, and is wrong usage', (script) => {
  const { status, stderr } = called(script);
  expect(stderr).toContain(`Usage: npm run ${script} --`);
  expect(status).toBe(2);
});
