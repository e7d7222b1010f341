import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-register-'));
  mkdirSync(join(folder, 'stacks'));
  for (const file of ['register.cjs', 'stacks/fast-synthesis.ts']) copyFileSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const COMMAND = ['-r', './register.cjs', 'main.ts'];

function printed(): string {
  return execFileSync(process.execPath, COMMAND, { cwd: folder, encoding: 'utf8' }).trim();
}

test('an edit is seen even where length and time of the file stay as they were', () => {
  const file = join(folder, 'main.ts');
  writeFileSync(file, 'console.log(1 as number);');
  const { atime, mtime } = statSync(file);
  expect([printed(), printed()]).toEqual(['1', '1']);
  writeFileSync(file, 'console.log(2 as number);');
  utimesSync(file, atime, mtime);
  expect(printed()).toBe('2');
});

test('what was compiled is kept, and one that cannot be read is made again', () => {
  writeFileSync(join(folder, 'main.ts'), "import { z } from 'zod';\nconsole.log(z.int().parse(3), __filename);");
  const first = printed();
  const [name = ''] = readdirSync(join(folder, '.cache'));
  const kept = statSync(join(folder, '.cache', name));
  expect(kept.size).toBeGreaterThan(100_000);
  expect(printed()).toBe(first);
  expect(statSync(join(folder, '.cache', name)).mtimeMs).toBe(kept.mtimeMs);
  writeFileSync(join(folder, '.cache', name), 'broken');
  expect(printed()).toBe(first);
  expect(readdirSync(join(folder, '.cache'))).toEqual([name]);
});

test('V8 never sees a kept file that was damaged', () => {
  writeFileSync(join(folder, 'main.ts'), "import { z } from 'zod';\nconsole.log(z.int().parse(3));");
  printed();
  const file = join(folder, '.cache', readdirSync(join(folder, '.cache'))[0] ?? '');
  const kept = readFileSync(file);
  for (let part = 1; part < 16; part++) {
    const damaged = Buffer.from(kept);
    const begin = Math.floor((kept.length * part) / 16);
    damaged.fill(part, begin, begin + 64);
    writeFileSync(file, part % 4 === 0 ? damaged.subarray(0, begin) : damaged);
    expect(spawnSync(process.execPath, COMMAND, { cwd: folder, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '3\n',
    });
  }
});

test('an error names the line of the source, compiled now or before', () => {
  writeFileSync(join(folder, 'main.ts'), "interface Gone {\n  a: 1;\n}\nthrow new Error('no');");
  for (let run = 0; run < 2; run++) {
    const { stderr } = spawnSync(process.execPath, COMMAND, { cwd: folder, encoding: 'utf8' });
    expect(stderr).toContain('main.ts:4');
  }
});

test('a cache that cannot be written is done without', () => {
  writeFileSync(join(folder, 'main.ts'), 'console.log(4 as number);');
  writeFileSync(join(folder, '.cache'), 'a file where a folder should be');
  expect(printed()).toBe('4');
});

test('a module that imports ES modules later, or is one, is left to node', () => {
  writeFileSync(join(folder, 'es.mjs'), 'export const five = 5;');
  writeFileSync(join(folder, 'later.js'), "exports.five = async () => (await import('./es.mjs')).five;");
  const main = "import { five as later } from './later';\nconst es = require('./es.mjs');\n";
  writeFileSync(join(folder, 'main.ts'), `${main}later().then((five: number) => console.log(five, es.five));`);
  expect([printed(), printed()]).toEqual(['5 5', '5 5']);
});

test('a module that a library loads lazily works when it is used', () => {
  const library = join(folder, 'vendor', 'node_modules', 'cdktf');
  mkdirSync(library, { recursive: true });
  writeFileSync(
    join(library, 'index.js'),
    "exports.satisfies = require('semver').satisfies;\nexports.zip = () => require('archiver')('zip');",
  );
  const lines = [
    "import semver from 'semver';",
    "import { z } from 'zod';",
    "import { satisfies, zip } from './vendor/node_modules/cdktf';",
    "const range = ['1.11.4', '>=1.2'] as const;",
    "const loaded = () => Object.keys(require.cache).some((file) => file.includes('/archiver/'));",
    'console.log(loaded());',
    'console.log(satisfies(...range), semver.satisfies(...range), typeof zip().file, typeof z.locales.de().localeError);',
  ];
  writeFileSync(join(folder, 'main.ts'), lines.join('\n'));
  expect(printed()).toBe('false\ntrue true function function');
});
