import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { problemsOf } from '../../manifests/checks/all';
import { nameOf, printProblem } from '../../manifests/checks/problem';
import { objectsOf } from '../../manifests/checks/render';
import { checkFiles, readTrees } from '../../manifests/checks/sources';
import { ENVIRONMENTS } from '../helpers/environments';
import { applyPatch, type PatchStep } from '../helpers/json-patch';

const FOLDER = join(__dirname, '../fixtures/broken');

/** A copy that is broken in one fact: of a rendered object, or of a file. */
interface Fixture {
  /** Platform and first overlay of the environment. */
  readonly environment?: string;
  readonly object?: string;
  readonly patch?: readonly PatchStep[];
  readonly file?: string;
  /** Text in the file, and its replacement. */
  readonly replace?: readonly [string, string];
  readonly problems: readonly string[];
}

const fixtures = readdirSync(FOLDER).map((file): [string, Fixture] => [
  basename(file, '.json').replaceAll('-', ' '),
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
]);

test.each(fixtures)('%s is refused', (name, fixture) => {
  const problems = fixture.file ? problemsOfFile(fixture) : problemsOfObject(fixture);
  if (process.env['UPDATE_GOLDENS']) {
    const path = join(FOLDER, `${name.replaceAll(' ', '-')}.json`);
    writeFileSync(path, `${JSON.stringify({ ...fixture, problems }, null, 2)}\n`);
    return;
  }
  expect(problems).toEqual(fixture.problems);
  expect(problems.length).toBeGreaterThan(0);
});

test('every fixture has a different message: file, object, path, problem; fix', () => {
  const all = fixtures.map(([, { problems }]) => problems.join('\n'));
  expect(new Set(all).size).toBe(fixtures.length);
  expect(fixtures.length).toBeGreaterThanOrEqual(40);
  for (const line of all.join('\n').split('\n')) expect(line).toMatch(/^k8s\/\S+\.\w+: .+; .+$/);
});

function problemsOfObject({ environment: name, object: wanted, patch = [] }: Fixture): string[] {
  const environment = ENVIRONMENTS.find(({ platform, overlays }) => `${platform} ${overlays[0]}` === name);
  if (!environment) throw new Error(`there is no environment "${name}"`);
  const objects = objectsOf(environment);
  const object = objects.find((one) => nameOf(one).replace(/-[0-9a-z]{10}$/, '') === wanted);
  if (!object) throw new Error(`there is no object "${wanted}" in ${name}`);
  applyPatch(object, patch);
  const left = object.removed ? objects.filter((one) => one !== object) : objects;
  return problemsOf(left, environment).map(printProblem);
}

function problemsOfFile({ file = '', replace: [from, to] = ['', ''] }: Fixture): string[] {
  const files = new Map(readTrees());
  const text = files.get(file) ?? '';
  if (!text.includes(from)) throw new Error(`"${from}" is not in ${file}`);
  files.set(file, text.replace(from, to));
  return checkFiles(files).map((problem) => `${problem.file}: ${problem.wrong}; ${problem.fix}`);
}
