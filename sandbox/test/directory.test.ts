import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDirectory } from '../directory';
import { temporaryFolder } from './helpers/folder';

const folder = temporaryFolder();
let number = 0;

/** A new directory with files in it. */
function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = join(folder, String(number++));
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const MARKER = { format: 'strata-sandbox', version: 2, port: 0, token: '0'.repeat(48) };

test.each([
  ['any file', { 'thesis.txt': 'years of work' }],
  ['a file called port', { port: '8080\n', 'thesis.txt': 'years of work' }],
  ['a world without a marker', { port: '8080\n', 'world.json': '{}', 'thesis.txt': 'years of work' }],
  ['a marker of something else', { 'sandbox.json': '{"format":"sand","version":1}', 'thesis.txt': 'years of work' }],
  ['an empty marker', { 'sandbox.json': '', 'thesis.txt': 'years of work' }],
  ['a marker with a bad port', { 'sandbox.json': JSON.stringify({ ...MARKER, port: 'x' }) }],
  ['a marker without a token', { 'sandbox.json': JSON.stringify({ ...MARKER, token: undefined }) }],
])('a directory with %s is refused, and nothing in it is touched', async (_, files) => {
  const directory = directoryWith(files);
  for (const fresh of [true, false]) {
    await expect(openDirectory(directory, fresh)).rejects.toMatchObject({
      exitCode: 2,
      message:
        `${directory} is not empty and is not a sandbox: it has no valid sandbox.json; nothing in it was touched. ` +
        'Choose an empty directory or one that does not exist, or delete this one yourself',
    });
  }
  const left = readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]);
  expect(Object.fromEntries(left)).toEqual(files);
});

test('a sandbox of another version is refused, and started over with --fresh', async () => {
  const directory = directoryWith({ 'sandbox.json': JSON.stringify({ ...MARKER, version: 9 }), 'world.json': 'new' });
  await expect(openDirectory(directory, false)).rejects.toThrow(
    `sandbox ${directory} has version 9, expected 2; start over with --fresh, or choose another directory`,
  );
  const kept = await openDirectory(directory, true);
  kept.keepPort(4711);
  kept.unlock();
  expect(readdirSync(directory)).toEqual(['lock', 'sandbox.json']);
  expect(await openDirectory(directory, false)).toMatchObject({ port: 4711, token: MARKER.token });
});

test('only its owner may enter the directory or read its token', async () => {
  const directory = join(folder, 'private');
  mkdirSync(directory, { mode: 0o755 });
  (await openDirectory(directory, false)).unlock();
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, 'sandbox.json')).mode & 0o777).toBe(0o600);
});
