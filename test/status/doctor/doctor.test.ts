import { examine } from '../../../status/doctor/check';
import { FAMILIES } from '../../../status/doctor/families';
import type { Surroundings } from '../../../status/doctor/surroundings';
import { doctorText } from '../../../status/doctor/text';
import { HETZNER, TROUBLES } from './troubles';
import { ENVIRONMENTS, NOW, world } from './worlds';

const found = async (at: Surroundings, name: string) =>
  (await examine(FAMILIES, at)).find(({ check }) => check === name);

test.each(ENVIRONMENTS)('nothing is wrong in a healthy world: %s %s', async (platform, env) => {
  const findings = await examine(FAMILIES, world(platform, env, { files: HETZNER }));
  expect(findings.filter(({ state }) => state === 'not ok')).toEqual([]);
});

test('every check is made in some healthy world', async () => {
  const all = await Promise.all(
    ENVIRONMENTS.map(([platform, env]) => examine(FAMILIES, world(platform, env, { files: HETZNER }))),
  );
  const made = new Set(
    all
      .flat()
      .filter(({ state }) => state === 'ok')
      .map(({ check }) => check),
  );
  const names = FAMILIES.flatMap(({ checks }) => checks.map(({ name }) => name));
  expect(names.filter((name) => !made.has(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('for every check there is a world in which it fails', () => {
  const names = FAMILIES.flatMap(({ checks }) => checks.map(({ name }) => name));
  expect([...new Set(TROUBLES.map(([name]) => name))].sort()).toEqual([...names].sort());
});

test.each(TROUBLES)('%s says what is wrong and what to do', async (name, trouble, says, fix) => {
  const { in: [platform, env] = ENVIRONMENTS[0], parts, ...answers } = trouble;
  expect(await found(world(platform, env, answers, parts), name)).toMatchObject({ state: 'not ok', says, fix });
});

test.each<[string, string, Partial<Surroundings>, string]>([
  [
    'a bot without the scope to write',
    'Slack',
    { slack: async () => ({ scopes: ['channels:read'], channels: [] }) },
    'the bot lacks the scope chat:write',
  ],
  [
    'a token that was revoked',
    'Slack',
    { slack: () => Promise.reject(new Error('An API error occurred: token_revoked')) },
    'Slack refuses the token: token_revoked',
  ],
])('%s', async (_, name, parts, says) => {
  expect(await found(world('threads', 'prod', {}, parts), name)).toMatchObject({ state: 'not ok', says });
});

test('a check that cannot be made says why, and is not ok either', async () => {
  const down = () => Promise.reject(new Error('the cluster does not answer\nmore'));
  expect(await found(world('threads', 'prod', {}, { cluster: down }), 'sync')).toMatchObject({
    state: 'not checked',
    says: 'the cluster does not answer',
  });
  expect(await found(world('threads', 'prod', {}, { variables: {} }), 'push access')).toMatchObject({
    state: 'not checked',
    says: 'GITHUB_TOKEN is not set',
  });
});

test('a lock that its holder moves is no trouble', async () => {
  const moving = { state: 'held', owner: 'nextjs', run: '42.1', at: new Date(NOW.getTime() - 60_000).toISOString() };
  expect(
    await found(world('threads', 'prod', {}, { lock: async () => moving as never }), 'deployment lock'),
  ).toMatchObject({
    state: 'ok',
    says: 'held by nextjs (run 42.1)',
  });
});

test('the screen names every check, joins those with the same reason, and fits into 80 columns', async () => {
  const down = () => Promise.reject(new Error('the cluster does not answer'));
  const text = doctorText(
    await examine(FAMILIES, world('threads', 'prod', { programs: { node: 'v18.0.0' } }, { cluster: down })),
    80,
  );
  expect(text).toContain('  -       path change, application errors, auto-sync, sync: the cluster does not\n');
  expect(text).toContain('\nwhat to do\n  node: install node 20.19 or later: https://nodejs.org/en/download\n');
  for (const { name } of FAMILIES.flatMap(({ checks }) => checks)) expect(text).toContain(name);
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
});
