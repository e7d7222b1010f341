import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { sandboxOf } from '../../rehearsal/sandbox-of';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox';
import { synthesise } from '../../stacks/app';
import { Stack } from '../../terraform/stack';
import { ROOT } from '../helpers/sandbox-command';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(600_000);

const platform = loadPlatform('threads', { restoreFile: 'absent.json' });
const folder = temporaryFolder();
let sandbox: Sandbox;

beforeAll(async () => {
  const prepared = await sandboxOf(platform, { only: 'prod', empty: true });
  sandbox = await startSandbox({ ...prepared, directory: join(folder, 'clouds') });
});
afterAll(() => sandbox.close());

function bootstrap(...args: string[]): Promise<{ code: number; output: string }> {
  const command = [
    '-r',
    join(ROOT, 'register.cjs'),
    join(ROOT, 'scripts/bootstrap.ts'),
    '--platform',
    'threads',
    ...args,
  ];
  return new Promise((done) => {
    execFile('node', command, { cwd: ROOT, env: sandbox.env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

/** What exists, by type and key; numbers and times differ from run to run. */
const existing = () =>
  Object.entries(sandbox.world.data.resources)
    .flatMap(([type, objects]) => Object.keys(objects).map((key) => `${type} ${key}`))
    .sort();

function vpc(): Stack {
  const outdir = synthesise(platform, join(folder, 'out'));
  return new Stack('vpc-prod', join(outdir, 'stacks', 'vpc-prod'), { env: sandbox.env });
}

test('before it, the first layer cannot even be initialised: there is no bucket', async () => {
  await expect(vpc().plan()).rejects.toThrow(/bucket does not exist|doesn't exist|NoSuchBucket|404/);
});

test('with a bucket alone, the first plan is refused, and names the service that is not enabled', async () => {
  const name = platform.state.bucket;
  sandbox.world.data.buckets[name] = {};
  await expect(vpc().plan()).rejects.toThrow('has not been used in project');
  delete sandbox.world.data.buckets[name];
});

test('interrupted again and again, once with a lost answer, it ends with everything, and then changes nothing', async () => {
  let runs = 0;
  for (;;) {
    // Each run ends at one of the next creations; the fourth has created it, and is told that it failed.
    sandbox.faults.set([{ operation: 'create', nth: 2 + (runs % 3), effect: runs === 3 ? 'fail-after' : 'fail' }]);
    const { code, output } = await bootstrap('--env', 'prod', '--json');
    runs += 1;
    if (code === 0) break;
    if (runs === 40) throw new Error(`still not done after ${runs} runs: ${output}`);
  }
  sandbox.faults.set([]);
  expect(runs).toBeGreaterThan(2);
  const before = existing();
  const { code, output } = await bootstrap('--env', 'prod');
  expect(output).toContain('bootstrap-prod: no changes\ngithub-prod: no changes\n');
  expect({ code, existing: existing() }).toEqual({ code: 0, existing: before });
});

test('after it, the first layer is planned', async () => {
  const plan = await vpc().plan();
  expect(plan.added).toBeGreaterThan(40);
});

test('no state and no file of it holds a secret: none was ever given one', () => {
  const types = Object.keys(sandbox.world.data.resources).filter((type) => /secret/.test(type));
  expect(types).toEqual([]);
});
