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

test.each(['secret', 'snapshot'])('%s without a word on what to do shows its usage, and is wrong usage', (script) => {
  const { status, stderr } = called(script);
  expect(stderr).toContain(`Usage: npm run ${script} --`);
  expect(status).toBe(2);
});
