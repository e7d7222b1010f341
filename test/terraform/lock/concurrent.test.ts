import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../clients/process';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox';
import { stateObject } from '../../../sandbox/storage/bucket';
import { RUN_VARIABLE } from '../../../terraform/lock/holder';
import { StateLock } from '../../../terraform/lock/state-lock';
import { temporaryFolder } from '../../helpers/synth';

/** Runs that want the same state at the same time. */
const RUNS = 200;

const STATE = { bucket: 'states', prefix: 'shared' };

const folder = temporaryFolder();
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ directory: join(folder, 'clouds'), buckets: [STATE.bucket] });
});
afterAll(() => sandbox.close());

/** A working folder of one run, all with the same configuration. */
async function workingFolder(name: string): Promise<string> {
  const directory = join(folder, name);
  mkdirSync(directory);
  const topics = Array.from({ length: RUNS }, (_, index) => [`topic_${index}`, { name: `topic-${index}` }]);
  const configuration = {
    terraform: {
      backend: { gcs: STATE },
      required_providers: { google: { source: 'hashicorp/google' } },
    },
    provider: { google: { project: 'project' } },
    resource: { google_pubsub_topic: Object.fromEntries(topics) },
  };
  writeFileSync(join(directory, 'main.tf.json'), JSON.stringify(configuration));
  return directory;
}

async function terraform(cwd: string, lock: string, ...args: string[]): Promise<void> {
  const env = { ...sandbox.env, [RUN_VARIABLE]: lock };
  const { code, stdout, stderr } = await run('terraform', args, { cwd, env });
  if (code !== 0) throw new Error(stdout + stderr);
}

test(`of ${RUNS} runs at once, none is lost and none happens twice`, async () => {
  const first = await workingFolder('first');
  await terraform(first, '', 'init', '-input=false');
  const one = async (index: number) => {
    const cwd = await workingFolder(`run-${index}`);
    symlinkSync(join(first, '.terraform'), join(cwd, '.terraform'));
    const held = await new StateLock('shared', STATE, sandbox.env).take({ operation: 'apply', waitMs: 3_600_000 });
    const target = `-target=google_pubsub_topic.topic_${index}`;
    await terraform(cwd, held.id, 'apply', '-auto-approve', '-input=false', '-lock=false', target);
    await held.release();
  };
  const started = performance.now();
  const outcomes = await Promise.allSettled(Array.from({ length: RUNS }, (_, index) => one(index)));
  console.info(`${RUNS} runs in ${Math.round((performance.now() - started) / 1000)} s`);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  const topics = sandbox.world.list('google_pubsub_topic');
  const { resources = [], serial } = stateObject(sandbox.world, STATE.bucket, STATE.prefix) as {
    resources?: unknown[];
    serial: number;
  };
  expect([topics.length, resources.length]).toEqual([RUNS, RUNS]);
  // Each run has written the state once.
  expect(serial).toBe(RUNS);
}, 3_600_000);
