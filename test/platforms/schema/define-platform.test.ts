import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { definePlatform, environmentOf } from '../../../platforms/schema/define-platform';
import { PlatformError } from '../../../platforms/schema/problems';
import threads from '../../../platforms/threads/platform';
import { sound } from '../../fixtures/platforms/sound';
import { changed, problemsOf } from '../../helpers/platform';

const FOLDER = join(__dirname, '../../fixtures/platforms/invalid');

interface Fixture {
  /** Values by dotted path; null takes one out. */
  readonly changes: Record<string, unknown>;
  readonly problem: string;
}

const fixtures = readdirSync(FOLDER).map((file): [string, Fixture] => [
  basename(file, '.json').replaceAll('-', ' '),
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
]);

test('what is left out of a description is filled in, and nothing else is changed', () => {
  const { environments, services } = definePlatform(sound);
  expect(environments['staging']?.exposure).toEqual({ kind: 'none' });
  expect(services['web']?.architectures).toEqual(['amd64']);
  expect(definePlatform(threads)).toEqual(threads);
});

test.each(fixtures)('%s is refused', (_, { changes, problem }) => {
  expect(problemsOf(changed(changes))).toEqual([problem]);
});

test('every fixture breaks another rule, or another part of one', () => {
  expect(new Set(fixtures.map(([, { problem }]) => problem)).size).toBe(fixtures.length);
  expect(fixtures.length).toBeGreaterThan(30);
});

test('all problems are said at once, those between the parts included', () => {
  const changes = {
    'google.region': 1,
    repository: null,
    'environments.prod.cluster.disk.sizeGb': 10.5,
    'environments.staging.cluster.tunnelPort': 16_443,
  };
  expect(() => definePlatform(changed(changes))).toThrow(
    'platform "shop" is not valid:\n' +
      '  google.region: got 1; must be a string\n' +
      '  repository: missing; must be an object\n' +
      '  environments.prod.cluster.disk.sizeGb: got 10.5; must be a whole number\n' +
      '  environments.staging.cluster.tunnelPort: got 16443; environment "prod" has the same port; use another one, so that both tunnels can be open',
  );
});

test('an account id has at most 30 characters, checked for the longest one', () => {
  expect(problemsOf(changed({ name: 'a-shop-of-our', 'environments.staging': null }))).toEqual([]);
  expect(problemsOf(changed({ name: 'a-shop-of-ours-own', 'environments.staging': null }))).toEqual([
    'environments.prod: got "prod"; name "a-shop-of-ours-own-prod-watchdog" has 32 characters, Google allows 30; ' +
      "shorten the platform's or the environment's name",
  ]);
});

test('an unknown environment is an error that names the known ones, never production', () => {
  expect(environmentOf(threads, 'prod')).toBe(threads.environments['prod']);
  for (const env of ['production', 'constructor']) {
    expect(() => environmentOf(threads, env)).toThrow(
      `unknown environment "${env}" in platform "threads"; expected one of prod, staging, local`,
    );
  }
});

test('a name that JavaScript would drop is refused', () => {
  const services = JSON.parse('{"__proto__":{"image":"web","port":8080}}');
  expect(problemsOf(changed({ services }) as never)).toContain(
    'services.__proto__: got "__proto__"; choose another name',
  );
});

test.each<[unknown, string]>([
  [undefined, 'must be an object'],
  [null, 'must be an object'],
  ['threads', 'must be an object'],
])('a description that is %p is refused', (description, problem) => {
  expect(() => definePlatform(description as never)).toThrow(problem);
});

test('values that JSON does not have are shown as they are', () => {
  const problems = problemsOf({
    ...changed({}),
    slack: { channel: 10n },
    secrets: [Number.NaN],
  } as never);
  expect(problems.join('\n')).toContain('slack.channel: got 10;');
  expect(problemsOf(changed({ 'environments.prod.cluster.disk.sizeGb': [Number.NaN] }) as never).join()).not.toContain(
    'null]',
  );
});

/** Characters that begin an expression of Terraform, end a string, or leave a path. */
const hostile = fc.constantFrom(
  '${file("/etc/hostname")}',
  '%{ for x in y }',
  '$${a}',
  "a'b",
  'a"b',
  'a\nb',
  '../../x',
  '-x',
  'a\u2028b',
);

/** Every string of a description, by its dotted path. */
function stringsIn(node: unknown, path: readonly string[] = []): string[] {
  if (typeof node === 'string') return [path.join('.')];
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => stringsIn(value, [...path, key]));
}

test('no string of a description carries an expression, a quote or a way out of its folder', () => {
  fc.assert(
    fc.property(fc.constantFrom(...stringsIn(sound)), hostile, fc.string({ maxLength: 5 }), (path, text, more) => {
      expect(problemsOf(changed({ [path]: text + more }))).not.toEqual([]);
      // A hyphen is an option, and two dots leave a folder, at the beginning only.
      if (!/^[-.]/.test(text)) expect(problemsOf(changed({ [path]: more + text }))).not.toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a message lists as many problems as a person corrects at a time, and counts the others', () => {
  const lines = new PlatformError(
    'it',
    Array.from({ length: 60 }, (_, index) => `problem ${index}`),
  ).message.split('\n');
  expect(lines.slice(-2)).toEqual(['  problem 49', '  and 10 more problems']);
});
