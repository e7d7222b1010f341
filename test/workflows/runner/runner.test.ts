import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matchesPaths } from './paths';
import { WorkflowRunner } from './runner';

const folder = mkdtempSync(join(tmpdir(), 'runner-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': { TOKEN: 'of the repository', REGION: 'us' },
  prod: { TOKEN: 'of prod', OTHER: 'not passed' },
};

/** Runs a workflow in which every action is a command of the shell. */
async function run(workflows: Readonly<Record<string, object>>, inputs: Record<string, string> = {}) {
  const runner = await WorkflowRunner.open({
    read: (uses) => JSON.stringify(workflows[uses] ?? {}),
    env: process.env,
    settings: (environment) => SETTINGS[environment] ?? {},
    googleToken: 'google',
    folder,
  });
  return runner.run('main', { name: 'push', repository: 'acme/app', branch: 'main', sha: 'a'.repeat(40), inputs });
}

const job = (steps: readonly object[], rest: object = {}) => ({ steps, ...rest });
const set = (name: string, value: string) => `echo '${name}=${value}' >> "$GITHUB_OUTPUT"`;

test('steps run in order, with environment, outputs and variables of the steps before', async () => {
  const { one } = await run({
    main: {
      env: { TOP: 'top' },
      jobs: {
        one: job(
          [
            { id: 'first', run: `${set('tag', 'abc')}; echo NEXT=yes >> "$GITHUB_ENV"` },
            {
              env: { TAG: '${{ steps.first.outputs.tag }}' },
              run: 'test "$TAG $NEXT $TOP $GITHUB_REF_NAME" = "abc yes top main"',
            },
            { if: "env.NEXT == 'no'", run: 'exit 9' },
          ],
          { outputs: { tag: '${{ steps.first.outputs.tag }}' } },
        ),
      },
    },
  });
  expect(one).toMatchObject({ result: 'success', outputs: { tag: 'abc' } });
  expect(one?.steps.map(({ outcome }) => outcome)).toEqual(['success', 'success', 'skipped']);
});

test('a step that fails ends the job, but for steps that ask for failure', async () => {
  const { one } = await run({
    main: {
      jobs: {
        one: job([
          { run: 'exit 3' },
          { run: 'true' },
          { if: 'failure()', run: 'true' },
          { if: 'always()', run: 'true' },
        ]),
      },
    },
  });
  expect(one?.result).toBe('failure');
  expect(one?.steps.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'success', 'success']);
});

test('a job waits for those that it needs, and is skipped with them unless it asks for more', async () => {
  const ended = await run({
    main: {
      jobs: {
        last: job([{ run: 'true' }], { needs: ['skipped'] }),
        anyway: job([{ run: 'true' }], { needs: ['skipped'], if: '!failure() && !cancelled()' }),
        told: job([{ run: 'true' }], { needs: ['broken'], if: "failure() && needs.broken.outputs.told != 'true'" }),
        broken: job([{ run: 'exit 1' }]),
        skipped: job([{ run: 'true' }], { if: "github.ref_name == 'dev'" }),
      },
    },
  });
  expect(Object.fromEntries(Object.entries(ended).map(([id, { result }]) => [id, result]))).toEqual({
    broken: 'failure',
    skipped: 'skipped',
    last: 'skipped',
    anyway: 'success',
    told: 'success',
  });
});

test('a reusable workflow gets its inputs and secrets, those of its environment first, and returns its outputs', async () => {
  const { call } = await run({
    main: {
      jobs: {
        call: {
          uses: 'called',
          with: { name: '${{ inputs.name || github.actor }}' },
          secrets: { TOKEN: '${{ secrets.TOKEN }}' },
        },
      },
    },
    called: {
      on: {
        workflow_call: { inputs: { name: {}, tag: {} }, outputs: { tag: { value: '${{ jobs.one.outputs.tag }}' } } },
      },
      jobs: {
        one: job(
          [
            {
              id: 'x',
              env: { NAME: '${{ inputs.name }}', T: '${{ secrets.TOKEN }}', O: '${{ secrets.OTHER }}' },
              run: `test "$NAME,$T,$O" = "jane,of prod,"; ${set('tag', 'v1')}`,
            },
          ],
          { environment: 'prod', outputs: { tag: '${{ steps.x.outputs.tag }}' } },
        ),
      },
    },
  });
  expect(call?.steps[0]?.output).toBe('');
  expect(call).toMatchObject({ result: 'success', outputs: { tag: 'v1' } });
});

test('what GitHub refuses fails here: an unknown function, an output without a value, jobs that need each other', async () => {
  await expect(run({ main: { jobs: { one: job([{ if: 'sucess()', run: 'true' }]) } } })).rejects.toThrow(
    'Unrecognized function',
  );
  await expect(run({ main: { jobs: { one: job([{ run: 'echo tag >> "$GITHUB_OUTPUT"' }]) } } })).rejects.toThrow(
    "Invalid format 'tag'",
  );
  await expect(
    run({ main: { jobs: { one: job([], { needs: ['two'] }), two: job([], { needs: ['one'] }) } } }),
  ).rejects.toThrow('need each other');
});

test('a step that prints a secret is found', async () => {
  const steps = [{ env: { T: '${{ secrets.TOKEN }}' }, run: 'echo "token: $T"' }];
  await expect(run({ main: { jobs: { one: job(steps) } } })).rejects.toThrow('prints TOKEN');
});

test.each([
  [['**', '!k8s/**', 'k8s/x.yml'], 'k8s/a.yaml', false],
  [['**', '!k8s/**', 'k8s/x.yml'], 'k8s/x.yml', true],
  [['k8s/*/base/**'], 'k8s/a/base/b/c.yaml', true],
  [['k8s/*/base/**'], 'k8s/a/b/base/c.yaml', false],
  [['services/api/**'], 'services/api-v2/a.ts', false],
])('%j matches %s: %s', (patterns, file, matches) => {
  expect(matchesPaths(patterns, [file])).toBe(matches);
});
