import { Commands } from '../helpers/commands';

const commands = new Commands();
afterAll(() => commands.close());

const TOKEN = 'xoxb-secret-of-the-bot';
/** Nobody listens there. */
const NOWHERE = { SLACK_BOT_TOKEN: TOKEN, STRATA_SLACK_ENDPOINT: 'http://127.0.0.1:9' };

async function notify(args: readonly string[], env: NodeJS.ProcessEnv = NOWHERE) {
  const { code: status, ...printed } = await commands.run('notify', args, { ...process.env, ...env });
  return { status, ...printed };
}

const nextjs = ['--service', 'nextjs', '--tag', '8caff6f'];

test('a Slack that cannot be reached fails nothing, and the token is not printed', async () => {
  const { status, stdout, stderr } = await notify([
    'deployment',
    'failed',
    '--env',
    'prod',
    ...nextjs,
    '--error',
    'not ready',
  ]);
  expect(status).toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^warning: #builds was not notified: .+\n$/);
  expect(stderr).not.toContain(TOKEN);
});

test('a message shown dry is sent nowhere', async () => {
  const links = ['--link', 'run=https://github.com/o/r/actions/runs/1', '--duration', '61'];
  const { status, stdout, stderr } = await notify(['build', 'succeeded', ...nextjs, ...links, '--dry-run']);
  expect(stderr).toBe('');
  expect(stdout).toBe(
    'would post to #builds:\n*nextjs* `8caff6f`: build succeeded after 1 min 1 s\n<https://github.com/o/r/actions/runs/1|run>\n',
  );
  expect(status).toBe(0);
});

test('a platform without a channel tells nobody', async () => {
  const args = ['build', 'started', '--service', 'admin', '--tag', '18-3.6', '--platform', 'techtorque'];
  const { status, stdout } = await notify(args);
  expect(stdout).toBe('platform "techtorque" has no Slack channel; nothing was posted\n');
  expect(status).toBe(0);
});

test.each([
  [
    'deployment without an environment',
    ['deployment', 'started', ...nextjs],
    '--env: missing; give the environment of the deployment\n',
  ],
  [
    'link without an address',
    ['build', 'started', ...nextjs, '--link', 'run'],
    '--link: got "run"; give a name and an address, such as run=https://github.com/...\n',
  ],
  [
    'duration in words',
    ['build', 'started', ...nextjs, '--duration', 'long'],
    '--duration: got "long"; give seconds\n',
  ],
])('refuses a %s', async (_, args, problem) => {
  const { status, stderr } = await notify(args);
  expect(stderr).toBe(problem);
  expect(status).toBe(2);
});
