import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlatform } from '../../../platforms/load';
import techtorque from '../../../platforms/techtorque/platform';
import { sandboxOf } from '../../../rehearsal/sandbox-of';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox';
import { temporaryFolder } from '../../helpers/synth';
import { failures, outcomes, runWorkflow, type World } from '../runner/world';

jest.setTimeout(120_000);

const WORKFLOWS = 'platforms/techtorque/workflows';
const DELIVER = `${WORKFLOWS}/time-logging/.github/workflows/deliver.yml`;
const SOURCE = techtorque.services['time-logging']?.source ?? '';
const folder = temporaryFolder();
let sandbox: Sandbox;
let world: World;
let source: string;

beforeAll(async () => {
  // Nothing is deployed: this workflow reaches no cluster. Of the repositories it needs two.
  const { remotes = [], ...clouds } = await sandboxOf(loadPlatform('techtorque'), { only: 'dev' });
  const used = remotes.filter(({ url }) => [techtorque.repository.url, SOURCE].includes(url));
  sandbox = await startSandbox({ ...clouds, remotes: used, clusters: [], directory: join(folder, 'clouds') });
  world = { sandbox, platform: techtorque, workflows: WORKFLOWS, folder };
  source = join(folder, 'source');
  git(folder, 'clone', '--quiet', SOURCE, source);
});
afterAll(() => sandbox?.close());

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', args, { cwd, env: sandbox.env, encoding: 'utf8' }).trim();

/** Pushes a commit to a branch of the service's repository. */
function push(branch: string) {
  git(source, 'checkout', '--quiet', branch);
  writeFileSync(join(source, 'Dockerfile'), `FROM scratch\n# ${branch}\n`);
  git(source, 'add', '--all');
  git(source, 'commit', '--quiet', '--message=Change the image');
  git(source, 'push', '--quiet');
  const sha = git(source, 'rev-parse', 'HEAD');
  return { name: 'push', repository: 'TechTorque-2025/Time_Logging_Service', branch, sha } as const;
}

const config = (branch: string) => {
  const bare = sandbox.remotes.resolve(techtorque.repository.url) ?? '';
  return git(bare, 'log', '-1', '--format=%an: %s', branch);
};

test('a push to the repository of a service builds its image and writes its tag to the branch of the same name', async () => {
  const event = push('dev');
  const tag = `dev-${event.sha.slice(0, 7)}`;

  const broken = await runWorkflow(world, DELIVER, event, ['update-manifest.yml', '--no-wait', '--no-wiat']);
  expect(outcomes(broken)).toContain('dev / update / Write the tag: failure');
  expect(failures(broken)).toContain("unknown option '--no-wiat'");

  const jobs = await runWorkflow(world, DELIVER, event);
  expect(failures(jobs)).toBe('');
  expect(outcomes(jobs)).toEqual([
    'build: success',
    'build / build: success',
    'prod: skipped',
    'dev: success',
    'dev / gate: success',
    'dev / update: success',
  ]);
  expect(jobs['build']?.outputs).toMatchObject({ tag });
  expect(config('dev')).toBe(`github-actions[bot]: chore(time-logging): update image to ${tag}`);
});

test('a push that the gate does not allow writes no tag, and is no failure', async () => {
  const before = config('main');
  const jobs = await runWorkflow(world, DELIVER, push('main'));
  expect(outcomes(jobs)).toEqual([
    'build: success',
    'build / build: success',
    'prod: success',
    'prod / gate: success',
    'prod / update: skipped',
    'dev: skipped',
  ]);
  expect(config('main')).toBe(before);
  const asked = jobs['prod']?.jobs?.['gate']?.steps.at(-1);
  expect(asked?.summary).toMatch(/^### Gate: deny\n\n~~~text\n[\s\S]*auto_deploy is false/);
});
