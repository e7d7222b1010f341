import { readFileSync } from 'node:fs';
import { approvalPath, commitApproval, readApproval } from '../../../delivery/gate/approvals';
import { Gate } from '../../../delivery/gate/gate';
import { BOT } from '../../../delivery/git/bot';
import { MemoryRefStore } from '../../../delivery/git/memory-ref-store';
import type { RefStore, Signature } from '../../../delivery/git/ref-store';
import { RefusedError, UsageError } from '../../../errors';
import { loadPlatform } from '../../../platforms/load';
import { git, Remote } from '../git/repositories';
import { ManualClock } from '../manual-clock';

const MASTER = 'refs/heads/master';
const alice: Signature = { name: 'Alice', email: 'alice@example.com' };
const threads = loadPlatform('threads');
const control = readFileSync('platforms/threads/deploy-control.yaml', 'utf8');
const subject = { platform: 'threads', environment: 'prod', service: 'nextjs', version: '8caff6f' };
const draft = { ...subject, expires: '2026-01-05T10:00:00Z' };
const path = approvalPath(subject);
const clock = new ManualClock();

/** Puts files on the branch, as its author. */
async function pushed(store: RefStore, files: Readonly<Record<string, string>>, author = alice): Promise<string> {
  const { [MASTER]: head } = await store.read(MASTER);
  const contents = new Map(Object.entries(files));
  const draft = { parent: head ?? undefined, author, date: new Date(0), message: 'files', files: contents };
  const next = await store.commit(draft);
  await store.push([{ ref: MASTER, expected: head, next }]);
  return next;
}

async function repository(): Promise<MemoryRefStore> {
  const store = new MemoryRefStore();
  await pushed(store, { 'platforms/threads/deploy-control.yaml': control });
  return store;
}

const question = { service: 'nextjs', version: '8caff6f', trigger: 'manual' } as const;
/** 13:00 in Taipei. */
const NOON = new Date('2026-01-05T05:00:00Z');
const asked = async (store: RefStore, now = NOON) =>
  (await (await Gate.read(threads, 'prod', store)).ask(question, now)).verdict;

test('the gate opens for what a person has approved, until it expires', async () => {
  const store = await repository();
  expect(await asked(store)).toBe('needs-approval');
  await commitApproval(store, 'master', draft, alice, clock);
  expect(await asked(store)).toBe('allow');
  expect(await asked(store, new Date('2026-01-05T10:00:00Z'))).toBe('needs-approval');
});

test('the commit says what was approved, and the approver is its author', async () => {
  const store = await repository();
  const commit = await commitApproval(store, 'master', { ...draft, emergency: 'sign-in is broken' }, alice, clock);
  expect(await store.message(commit)).toBe(`Approve nextjs 8caff6f for prod

Overrides the deployment windows: sign-in is broken

Platform: threads
Environment: prod
Service: nextjs
Version: 8caff6f
Expires: 2026-01-05T10:00:00Z
`);
  expect(await readApproval(store, commit, subject)).toEqual({
    ...draft,
    emergency: 'sign-in is broken',
    approver: 'Alice',
  });
});

test.each([
  BOT,
  { name: 'dependabot[bot]', email: '49699333+dependabot[bot]@users.noreply.github.com' },
  { name: 'CI', email: '41898282+github-actions[bot]@users.noreply.github.com' },
])('a bot approves nothing: $name', async (bot) => {
  const store = await repository();
  await expect(commitApproval(store, 'master', draft, bot, clock)).rejects.toThrow(RefusedError);
  await expect(commitApproval(store, 'master', draft, bot, clock)).rejects.toThrow(
    `only a person can approve, not ${bot.name} <${bot.email}>; run this on your own machine, with your own git identity`,
  );
});

test('a file that a bot has committed by hand is no approval', async () => {
  const store = await repository();
  const head = await commitApproval(store, 'master', draft, alice, clock);
  const text = await store.file(head, path);
  await pushed(store, { [path]: `${text}# again\n` }, BOT);
  expect(await asked(store)).toBe('needs-approval');
});

test('an approval that names another version than its file is no approval of that version', async () => {
  const store = await repository();
  const head = await commitApproval(store, 'master', draft, alice, clock);
  const text = (await store.file(head, path)) ?? '';
  await pushed(store, { [path]: text.replace('8caff6f', '5d18c2f') });
  expect(await asked(store)).toBe('needs-approval');
});

test('an approval is committed again on top of what others push meanwhile', async () => {
  const store = await repository();
  const push = store.push.bind(store);
  let others = 3;
  store.push = async (updates) => {
    if (others-- > 0) {
      const { [MASTER]: head } = await store.read(MASTER);
      const other = { parent: head ?? undefined, author: BOT, date: new Date(0), message: `${others}` };
      await push([{ ref: MASTER, expected: head, next: await store.commit({ ...other, files: new Map() }) }]);
    }
    return push(updates);
  };
  const commit = await commitApproval(store, 'master', draft, alice, clock);
  expect(store.refs.get(MASTER)).toBe(commit);
  expect(store.history(commit)).toHaveLength(5);
});

test('gives up on a branch that changes at every attempt', async () => {
  const store = await repository();
  store.push = async () => 'stale';
  await expect(commitApproval(store, 'master', draft, alice, clock)).rejects.toThrow(
    'others pushed to branch "master" during each of 10 attempts; run this again',
  );
});

test.each([
  ['version', '../../prod', 'give an image tag, or a commit'],
  ['version', '', 'give an image tag, or a commit'],
  ['expires', 'tomorrow', 'give a time in UTC such as "2026-01-05T10:00:00Z"'],
  ['emergency', '', 'give the reason'],
])('an approval with %s "%s" is refused', async (key, value, problem) => {
  const store = await repository();
  await expect(commitApproval(store, 'master', { ...draft, [key]: value }, alice, clock)).rejects.toThrow(
    `approval is not valid:\n  ${key}: got "${value}"; ${problem}`,
  );
});

test('a file that is no approval is refused by its path', async () => {
  const store = await repository();
  await pushed(store, { [path]: 'approved: yes\n' });
  await expect(asked(store)).rejects.toThrow(`${path} is not valid:\n  platform: missing`);
  await pushed(store, { [path]: '{' });
  await expect(asked(store)).rejects.toThrow(`${path} is not valid:\n  Flow map must end with a } at line 1, column 2`);
});

test('a kill switch that is set after the run began stops it, whatever is checked out', async () => {
  const store = await repository();
  await commitApproval(store, 'master', draft, alice, clock);
  await pushed(store, {
    'platforms/threads/deploy-control.yaml': control.replace('auto_deploy: true', 'auto_deploy: false'),
  });
  expect(await asked(store)).toBe('deny');
});

test('a branch without deploy-control.yaml is refused', async () => {
  const store = new MemoryRefStore();
  const problem =
    'branch "master" of https://github.com/unknowntpo/threads-nextjs.git has no platforms/threads/deploy-control.yaml; commit it there';
  await expect(asked(store)).rejects.toThrow(problem);
  await pushed(store, { 'README.md': '' });
  await expect(asked(store)).rejects.toThrow(problem);
  await expect(asked(store)).rejects.toThrow(UsageError);
});

test('an environment without a gate reads no repository', async () => {
  const gate = await Gate.read(threads, 'local', new MemoryRefStore());
  expect(await gate.ask({ ...question, trigger: 'push' }, NOON)).toEqual({ verdict: 'allow', reasons: [] });
});

test('an unknown service is refused, and the known ones are named', async () => {
  const gate = await Gate.read(threads, 'prod', await repository());
  await expect(gate.ask({ ...question, service: 'chat' }, NOON)).rejects.toThrow(
    'unknown service "chat" in platform "threads"; expected one of nextjs, ml-service, postgres',
  );
});

test('on a real repository an approval is an ordinary commit of a person', async () => {
  const remote = new Remote();
  try {
    await remote.commit({ 'platforms/threads/deploy-control.yaml': control }, 'master');
    const store = await remote.open();
    const commit = await commitApproval(store, 'master', draft, alice, clock);
    expect(git(remote.path, 'log', '-1', '--format=%H %an <%ae> %s', 'master')).toBe(
      `${commit} Alice <alice@example.com> Approve nextjs 8caff6f for prod`,
    );
    expect(git(remote.path, 'show', '--name-status', '--format=', 'master')).toBe(`A\t${path}`);
    const other = await remote.open();
    expect(await asked(other)).toBe('allow');
    await remote.commit({ [path]: `${git(remote.path, 'show', `master:${path}`)}\n# by hand\n` }, 'master');
    expect(await asked(await remote.open())).toBe('allow');
  } finally {
    remote.close();
  }
});
