import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { exports as offered } from '../sandbox/package.json';

/**
 * Which folders each folder may import. Everything may import `errors.ts`, `escape.ts`, npm packages, JSON that the sandbox
 * exports and its own folder; tests may import anything. A folder that is not listed here may not exist.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  main: ['platforms', 'stacks'],
  contracts: [],
  platforms: ['contracts'],
  constructs: ['contracts', 'platforms'],
  stacks: ['constructs', 'contracts', 'platforms'],
  manifests: ['contracts', 'platforms'],
  clients: ['contracts', 'platforms'],
  terraform: ['clients', 'contracts', 'platforms'],
  bootstrap: ['clients', 'contracts', 'platforms', 'terraform'],
  delivery: ['clients', 'contracts', 'manifests', 'platforms'],
  workflows: ['delivery', 'manifests', 'platforms'],
  recovery: ['clients', 'contracts', 'platforms', 'terraform'],
  status: [
    'clients',
    'contracts',
    'delivery',
    'manifests',
    'platforms',
    'recovery',
    'rehearsal',
    'terminal',
    'terraform',
  ],
  rehearsal: [
    'clients',
    'constructs',
    'contracts',
    'delivery',
    'manifests',
    'platforms',
    'recovery',
    'sandbox',
    'stacks',
    'terminal',
    'terraform',
  ],
  terminal: [],
  sandbox: [],
  bench: [
    'clients',
    'constructs',
    'contracts',
    'delivery',
    'platforms',
    'recovery',
    'rehearsal',
    'sandbox',
    'stacks',
    'terminal',
    'terraform',
  ],
  scripts: [
    'bench',
    'bootstrap',
    'clients',
    'contracts',
    'delivery',
    'manifests',
    'platforms',
    'recovery',
    'rehearsal',
    'sandbox',
    'stacks',
    'status',
    'terminal',
    'terraform',
    'workflows',
  ],
};

/** Files at the top that everything but the sandbox may import. */
const FOR_ALL = ['errors', 'escape'];

const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|\brequire\s*\(\s*|\bimport\s+)['"](\.[^'"]+)['"]/g;

const all = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);

const files = all.filter((file) => !file.startsWith('test/') && !file.startsWith('sandbox/test/'));
const tests = all.filter((file) => file.startsWith('sandbox/test/'));

test('every folder imports only the folders that the table allows', () => {
  const refused = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => !isAllowed(roomOf(file), target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(refused).toEqual([]);
});

test('the table lists every folder with sources, and no other', () => {
  const rooms = new Set(files.map(roomOf).filter((room) => !FOR_ALL.includes(room)));
  expect([...rooms].sort()).toEqual(Object.keys(ARROWS).sort());
});

/** Sources of what the package of the sandbox exports. */
const OFFERED = Object.values(offered).map((file) => file.replace('./dist', 'sandbox').replace(/(\/index)?\.js$/, ''));

test('the sandbox is imported only by what its package exports', () => {
  const refused = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => roomOf(target) === 'sandbox' && roomOf(file) !== 'sandbox' && !OFFERED.includes(target))
      .map((target) => `${file} imports ${target}; import one of ${OFFERED.join(', ')}`),
  );
  expect(refused).toEqual([]);
});

test('the tests of the sandbox import nothing outside of it', () => {
  const outside = tests.flatMap((file) =>
    importsOf(file)
      .filter((target) => roomOf(target) !== 'sandbox')
      .map((target) => `${file} imports ${target}`),
  );
  expect(outside).toEqual([]);
});

test('the folders of the sandbox have no circle', () => {
  const folders = new Map<string, Set<string>>();
  for (const file of files.filter((name) => roomOf(name) === 'sandbox')) {
    const from = folderOf(file);
    const targets = importsOf(file).map(folderOf);
    folders.set(from, new Set([...(folders.get(from) ?? []), ...targets.filter((to) => to !== from)]));
  }
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const next of folders.get(from) ?? []) if (!seen.has(next)) reached(next, seen.add(next));
    return seen;
  };
  expect([...folders.keys()].filter((folder) => reached(folder).has(folder))).toEqual([]);
});

test('nothing imports scripts, and the sandbox imports nothing of the platform', () => {
  const importers = Object.entries(ARROWS).filter(([, allowed]) => allowed.includes('scripts'));
  expect(importers).toEqual([]);
  expect(ARROWS['sandbox']).toEqual([]);
});

test('the table has no circle', () => {
  const reaches = (from: string, to: string): boolean =>
    (ARROWS[from] ?? []).some((next) => next === to || reaches(next, to));
  expect(Object.keys(ARROWS).filter((room) => reaches(room, room))).toEqual([]);
});

function isAllowed(from: string, target: string): boolean {
  const to = roomOf(target);
  if (from === to || (target.endsWith('.json') && OFFERED.includes(target))) return true;
  if (FOR_ALL.includes(to)) return from !== 'sandbox';
  return ARROWS[from]?.includes(to) ?? false;
}

/** The first folder of a path, or the name of a file at the top: `main`, `errors`. */
function roomOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '');
}

/** The folder of a file of the sandbox: `google`. A file at its top is its own folder. */
function folderOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

/** Paths of relative imports that leave the file's folder for another file of the project, types included. */
function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(IMPORT)]
    .map(([, request = '']) => normalize(join(dirname(file), request)))
    .filter((target) => target !== 'cdktf.json' && !target.endsWith('package.json'));
}
