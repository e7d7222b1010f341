import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { loadControl, readControl } from '../../../delivery/gate/control';
import { loadPlatform } from '../../../platforms/load';
import { PlatformError } from '../../../platforms/schema/problems';
import { copiedTree } from '../../helpers/copied-tree';
import { ANY_CHARACTER } from '../../helpers/hostile';

const PLATFORMS = ['threads', 'todo-platform', 'techtorque', 'real-estate'];

const realEstate = loadPlatform('real-estate');

/** The file as the platform's team wrote it. */
const TEAM = `
global:
  auto_deploy: true # Master kill switch

environments:
  dev:
    enabled: true
    auto_deploy: true
    require_manual_approval: false
    deployment_windows:
      enabled: false
    services:
      postgres:
        enabled: true
        auto_deploy: true
        rollback_on_failure: false

  test:
    enabled: true
    auto_deploy: false # Manual workflow dispatch
    require_manual_approval: false
    deployment_windows:
      enabled: false
    services:
      postgres:
        enabled: true
        auto_deploy: false
        rollback_on_failure: false

  prod:
    enabled: true
    auto_deploy: false # NEVER auto-deploy
    require_manual_approval: true # ALWAYS require approval
    deployment_windows:
      enabled: false
    services:
      postgres:
        enabled: true
        auto_deploy: false
        rollback_on_failure: false
`;

/** What is said of a text, without the first line. */
function problems(text: string): string[] {
  try {
    readControl(realEstate, text);
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    const [subject, ...lines] = (error as Error).message.split('\n');
    expect(subject).toBe('platforms/real-estate/deploy-control.yaml is not valid:');
    return lines.map((line) => line.trim());
  }
  return [];
}

/** The team's file with a value at a path; undefined takes the key out. */
function changed(path: readonly string[], value: unknown): string {
  const content = parse(TEAM);
  const holder = path.slice(0, -1).reduce((inner, key) => inner[key], content);
  if (value === undefined) delete holder[path.at(-1) ?? ''];
  else holder[path.at(-1) ?? ''] = value;
  return stringify(content);
}

test.each(PLATFORMS)('deploy-control.yaml of %s is valid', (name) => {
  const { environments } = loadPlatform(name);
  const gated = Object.keys(environments).filter((env) => environments[env]?.delivery.gate);
  expect(Object.keys(loadControl(loadPlatform(name)).environments).sort()).toEqual(gated.sort());
});

test.each([
  ['enabled: true', 'enabled: false', 'environments.dev.enabled'],
  ['auto_deploy: true # A push', 'auto_deploy: false # A push', 'environments.dev.auto_deploy'],
])('with %s as %s, a cluster that a push creates contradicts it', (was, is, key) => {
  const folder = process.cwd();
  const { root } = copiedTree();
  const file = join(root, 'platforms/real-estate/deploy-control.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(was, is));
  try {
    process.chdir(root);
    expect(() => loadControl(realEstate)).toThrow(
      'platforms/real-estate/deploy-control.yaml is not valid:\n' +
        `  ${key}: got false, and auto_deploy is true in k8s/real-estate/hetzner/dev/cluster/cluster-config.yaml; set it to false there`,
    );
  } finally {
    process.chdir(folder);
    rmSync(root, { recursive: true });
  }
});

test('the file of version 3 as its team wrote it is accepted', () => {
  expect(readControl(realEstate, TEAM)).toEqual(parse(TEAM));
});

const prod = ['environments', 'prod'];
const windows = [...prod, 'deployment_windows'];
const postgres = [...prod, 'services', 'postgres'];
const open = (change: object) => ({
  enabled: true,
  time_zone: 'UTC',
  windows: [{ days: ['mon'], from: '10:00', to: '18:00' }],
  ...change,
});

test.each<[string, string[], unknown, string]>([
  [
    'a push deploys production',
    [...prod, 'auto_deploy'],
    true,
    'environments.prod.auto_deploy: got true; set it to false: production is never deployed automatically',
  ],
  [
    'a push deploys a service of production',
    [...postgres, 'auto_deploy'],
    true,
    'environments.prod.services.postgres.auto_deploy: got true; set it to false: production is never deployed automatically',
  ],
  [
    'production needs no approval',
    [...prod, 'require_manual_approval'],
    false,
    'environments.prod.require_manual_approval: got false; set it to true: production always needs an approval',
  ],
  ['a flag is missing', [...prod, 'enabled'], undefined, 'environments.prod.enabled: missing; must be true or false'],
  ['a flag is a string', [...prod, 'enabled'], 'yes', 'environments.prod.enabled: got "yes"; must be true or false'],
  [
    'a flag is no number',
    [...prod, 'enabled'],
    Number.NaN,
    'environments.prod.enabled: got NaN; must be true or false',
  ],
  [
    'a key is misspelt',
    [...prod, 'auto_deply'],
    true,
    'environments.prod: unknown key "auto_deply"; did you mean "auto_deploy"?',
  ],
  [
    'one environment alone says more',
    [...postgres, 'require_approval'],
    true,
    'environments.dev.services.postgres.require_approval: missing; add it: environment "prod" has it, and all environments must have the same keys',
  ],
  [
    'windows are on and there are none',
    windows,
    { enabled: true },
    'environments.prod.deployment_windows: got {"enabled":true}; give time_zone and windows, or set enabled to false',
  ],
  [
    'a time zone does not exist',
    windows,
    open({ time_zone: 'Asia/Taipeh' }),
    'environments.prod.deployment_windows.time_zone: got "Asia/Taipeh"; use a time zone name such as "Asia/Taipei"',
  ],
  [
    'a day does not exist',
    windows,
    open({ windows: [{ days: ['monday'], from: '10:00', to: '18:00' }] }),
    'environments.prod.deployment_windows.windows.0.days.0: got "monday"; must be "mon" or "tue" or "wed" or "thu" or "fri" or "sat" or "sun"',
  ],
  [
    'a time does not exist',
    windows,
    open({ windows: [{ days: ['mon'], from: '10:00', to: '24:01' }] }),
    'environments.prod.deployment_windows.windows.0.to: got "24:01"; give a time such as "10:00", up to "24:00"',
  ],
  [
    'a window begins at the end of a day',
    windows,
    open({ windows: [{ days: ['mon'], from: '24:00', to: '02:00' }] }),
    'environments.prod.deployment_windows.windows.0.from: got "24:00"; use "00:00": a window begins on the day that is listed',
  ],
  [
    'a window is empty',
    windows,
    open({ windows: [{ days: ['mon'], from: '10:00', to: '10:00' }] }),
    'environments.prod.deployment_windows.windows.0: got {"days":["mon"],"from":"10:00","to":"10:00"}; from and to are equal; for a whole day give from "00:00" to "24:00"',
  ],
  [
    'an environment is unknown',
    ['environments', 'local'],
    parse(TEAM).environments.dev,
    'environments: got ["dev","test","prod","local"]; list exactly the environments whose delivery has gate: true: prod, test, dev',
  ],
  [
    'an environment is missing',
    ['environments', 'test'],
    undefined,
    'environments: got ["dev","prod"]; list exactly the environments whose delivery has gate: true: prod, test, dev',
  ],
  [
    'a service is missing',
    postgres,
    undefined,
    'environments.prod.services: got []; list exactly the services and own images of the platform: postgres',
  ],
])('refuses a file where %s', (_, path, value, problem) => {
  expect(problems(changed(path, value))).toContain(problem);
});

test('all problems are said at once', () => {
  const content = parse(TEAM);
  content.global = {};
  content.environments.prod.auto_deploy = true;
  content.environments.test.enabled = 'on';
  delete content.environments.dev.services.postgres;
  expect(problems(stringify(content))).toEqual([
    'global.auto_deploy: missing; must be true or false',
    'environments.test.enabled: got "on"; must be true or false',
    'environments.dev.services: got []; list exactly the services and own images of the platform: postgres',
    'environments.prod.auto_deploy: got true; set it to false: production is never deployed automatically',
  ]);
});

const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghi']
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)
  .join('\n')}\n`;

test.each([
  ['is 5 MB long', `${TEAM}${'# '.padEnd(5_000_000, 'x')}`, /^has 5000865 characters; the limit is 100000$/],
  ['multiplies by aliases', bomb, /^could not be read: Excessive alias count/],
  ['refers to itself', 'global: &a\n  auto_deploy: *a\n', /^could not be read: Converting circular structure/],
  ['has a key twice', TEAM.replace('  test:', '  dev:'), /^Map keys must be unique at line \d+/],
  ['is nested without end', '['.repeat(90_000), /^could not be read: |^Flow sequence/],
  ['has two documents', `${TEAM}---\n${TEAM}`, /^Source contains multiple documents/],
  ['has a tag', 'global: !!js/function "x"\n', /^Unresolved tag/],
  ['is empty', '', /^\(top\): got null; must be an object$/],
  ['is a list', '- a\n', /^\(top\): got \["a"\]; must be an object$/],
  ['is binary', '\0\u0001\uFFFF', /./],
  [
    'would change prototypes',
    TEAM.replace('  dev:', '  __proto__:'),
    /^environments: got \["__proto__","test","prod"\]; list/,
  ],
  [
    'has a service __proto__',
    TEAM.replace('      postgres:', '      __proto__:'),
    /^environments.dev.services: got \["__proto__"\]/,
  ],
  ['has a flag __proto__', TEAM.replace('    enabled: true\n', '    __proto__: true\n'), /unknown key "__proto__"/],
])('a file that %s is refused with a message', (_, text, problem) => {
  const said = problems(text);
  expect(said).toContainEqual(expect.stringMatching(problem));
  expect(Math.max(...said.map((line) => line.length))).toBeLessThan(600);
  expect(Object.prototype).not.toHaveProperty('enabled');
});

/** Values that YAML can hold, in a shape that is near the right one. */
const value = fc.oneof(fc.boolean(), fc.constantFrom(null, Number.NaN, 0, '', 'true', [], {}), fc.string());
const paths = (function list(content: object, path: string[] = []): string[][] {
  return Object.entries(content).flatMap(([key, inner]) => {
    const own = [...path, key];
    return typeof inner === 'object' ? [own, ...list(inner, own)] : [own];
  });
})(parse(TEAM));

test('any file is either read or refused with a message that lists each problem', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.record({ path: fc.constantFrom(...paths), value }).map(({ path, value }) => changed(path, value)),
        fc.string().map((text) => TEAM + text),
        fc.nat(TEAM.length).map((end) => TEAM.slice(0, end)),
        fc.string({ unit: ANY_CHARACTER }),
      ),
      (text) => {
        for (const line of problems(text)) expect(line).not.toBe('');
      },
    ),
    { numRuns: 1000 },
  );
});
