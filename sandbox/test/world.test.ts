import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../world';
import { temporaryFolder } from './helpers/folder';

const folder = temporaryFolder();
const file = join(folder, 'world.json');

const EMPTY = {
  version: 1,
  time: 0,
  lastId: 0,
  resources: {},
  buckets: {},
  secretVersions: {},
  disks: {},
  machines: {},
  images: {},
};

test.each<[string, string, string]>([
  ['no JSON', '{"version":', 'Unexpected end of JSON input'],
  ['null', 'null', 'its version is undefined, expected 1'],
  ['a list', '[]', 'its version is undefined, expected 1'],
  ['of another version', JSON.stringify({ ...EMPTY, version: 2 }), 'its version is 2, expected 1'],
  ['without a time', JSON.stringify({ ...EMPTY, time: '2026' }), 'time is not a number'],
  ['without a section', JSON.stringify({ ...EMPTY, disks: undefined }), 'disks is not an object'],
  ['with a list for a section', JSON.stringify({ ...EMPTY, buckets: [] }), 'buckets is not an object'],
])('a world that is %s is refused', (_, text, why) => {
  writeFileSync(file, text);
  expect(() => World.open(file)).toThrow(`cannot read the sandbox's world ${file}: ${why}; start over with --fresh`);
});

test('a world that cannot be written goes on, says so once, and is written when there is room again', () => {
  jest.useFakeTimers();
  const said = jest.spyOn(console, 'error').mockImplementation();
  try {
    writeFileSync(file, JSON.stringify(EMPTY), { mode: 0o600 });
    const world = World.open(file);
    const obstacle = `${file}.${process.pid}.tmp`;
    for (const key of ['a', 'b']) {
      mkdirSync(join(obstacle, 'x'), { recursive: true });
      world.put({ type: 't', key, values: {} });
      jest.runAllTimers();
      expect(existsSync(obstacle)).toBe(false);
    }
    expect(said.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^sandbox: cannot save the simulated clouds to .+: EISDIR.+; what has changed since the last time is lost$/,
        ),
      ],
    ]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(EMPTY);
    world.save();
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')).resources.t)).toEqual(['a', 'b']);
    expect(readdirSync(folder)).toEqual(['world.json']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  } finally {
    said.mockRestore();
    jest.useRealTimers();
  }
});
