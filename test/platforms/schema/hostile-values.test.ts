import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readControl } from '../../../delivery/gate/control';
import { loadPlatform } from '../../../platforms/load';
import { definePlatform, type Platform } from '../../../platforms/schema/define-platform';
import { PlatformError } from '../../../platforms/schema/problems';
import { readRestores } from '../../../platforms/schema/restore';
import { ANY_CHARACTER, HOSTILE } from '../../helpers/hostile';

const PLATFORMS = ['threads', 'todo-platform', 'real-estate', 'techtorque'];
const VALUES: readonly unknown[] = [
  ...HOSTILE,
  0,
  -1,
  1.5,
  1e21,
  Number.NaN,
  Infinity,
  10n,
  null,
  undefined,
  {},
  [],
  [[]],
  true,
];

/** Of values that are accepted: no character with a meaning in HCL, YAML, TypeScript, a shell, a URL or a terminal. */
const HARMLESS = /^(?!-)(?!.*\.\.)[\w.,/@#:+-]{0,300}$/;

/** Created once: fast-check builds a table of all characters for each. */
const AROUND = fc.string({ unit: 'grapheme', maxLength: 5 });

type Path = readonly string[];

/** Every value of a description, by its path, and every key of a record. */
function pathsIn(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  return [path, ...Object.entries(node).flatMap(([key, value]) => pathsIn(value, [...path, key]))].filter(
    ({ length }) => length > 0,
  );
}

function at(node: unknown, path: Path): Record<string, unknown> {
  return path.reduce((inner, key) => (inner as Record<string, unknown>)[key], node) as Record<string, unknown>;
}

/** A copy with a value at a path. */
function withValue(description: Platform, path: Path, value: unknown): Platform {
  const copy = structuredClone(description);
  Object.defineProperty(at(copy, path.slice(0, -1)), path.at(-1) ?? '', {
    value,
    enumerable: true,
    configurable: true,
  });
  return copy;
}

/** A copy in which the key at the end of a path is another one. */
function withKey(description: Platform, path: Path, key: string): Platform {
  const copy = structuredClone(description);
  const record = at(copy, path.slice(0, -1));
  const value = record[path.at(-1) ?? ''];
  delete record[path.at(-1) ?? ''];
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true });
  return copy;
}

/** What is wrong; empty when it is accepted. @throws when the reader fails instead of saying so. */
function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const { problems } = error;
    // `expect` takes longer than the rest, and this is called thousands of times.
    const bad = problems.filter((one) => /\[object Object\]|TypeError|Cannot read/.test(one) || one.length >= 2000);
    if (bad.length > 0) expect(bad).toEqual([]);
    return problems;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'strata-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(PLATFORMS)('platform %s', (name) => {
  const { restores: _, ...described } = loadPlatform(name);
  const paths = pathsIn(described);

  test('is valid as it is', () => {
    expect(problemsOf(() => definePlatform(described))).toEqual([]);
  });

  test('refuses hostile values and keys, or they are harmless', () => {
    const accepted: string[] = [];
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom(...VALUES),
        fc.constantFrom(...HOSTILE),
        (path, value, key) => {
          const isRead = problemsOf(() => definePlatform(withValue(described, path, value))).length === 0;
          if (isRead && typeof value === 'string') accepted.push(value);
          const isKey = problemsOf(() => definePlatform(withKey(described, path, key))).length === 0;
          if (isKey) accepted.push(key);
        },
      ),
      { numRuns: 500 },
    );
    expect(accepted.filter((value) => !HARMLESS.test(value))).toEqual([]);
  });

  test('refuses random text around hostile text in every field of text', () => {
    const texts = paths.filter((path) => typeof at(described, path) === 'string');
    const sharp = fc.constantFrom('${', '%{', "'", '"', '`', '\n', '\u001b', '\\');
    fc.assert(
      fc.property(fc.constantFrom(...texts), AROUND, sharp, AROUND, (path, before, text, after) => {
        expect(problemsOf(() => definePlatform(withValue(described, path, before + text + after)))).not.toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

test('no hostile value of restore.json reaches a stack', () => {
  const platform = loadPlatform('threads');
  const sound = {
    generation: 2,
    snapshot: 'a-snapshot',
    previous: { generation: 1 },
    lineage: ['123'],
    watchdogPaused: true,
  };
  const file = join(folder, 'restore.json');
  const read = (content: unknown) => {
    writeFileSync(file, JSON.stringify(content));
    return readRestores(file, platform);
  };
  expect(read({ prod: sound })).toEqual({ prod: sound });
  const accepted: string[] = [];
  for (const path of pathsIn(sound))
    for (const value of VALUES.filter((one) => typeof one !== 'bigint'))
      if (
        problemsOf(() => read({ prod: withValue(sound as never, path, value) })).length === 0 &&
        typeof value === 'string'
      )
        accepted.push(value);
  for (const key of HOSTILE) expect(problemsOf(() => read({ [key]: sound }))).not.toEqual([]);
  expect(accepted.filter((value) => !HARMLESS.test(value))).toEqual([]);
});

test('no hostile value of deploy-control.yaml is taken for anything but what it is', () => {
  const platform = loadPlatform('threads');
  fc.assert(
    fc.property(fc.constantFrom(...HOSTILE), fc.string({ unit: ANY_CHARACTER, maxLength: 30 }), (text, more) => {
      expect(problemsOf(() => readControl(platform, text + more))).not.toEqual([]);
    }),
    { numRuns: 200 },
  );
});
