import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configuredPlatform, defaultPlatform, loadPlatform, restoreOf } from '../../platforms/load';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();

function restoreFile(content: unknown): string {
  const file = join(folder, 'restore.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('without a restore file the VM has its first disk', () => {
  const platform = loadPlatform('threads', { restoreFile: join(folder, 'absent.json') });
  expect(platform.name).toBe('threads');
  expect(restoreOf(platform, 'prod')).toEqual({ generation: 1 });
});

test('the choice of a restore is read from its file', () => {
  const restore = { generation: 2, snapshot: 'snapshot-00-vpc-20251031-151137', previous: { generation: 1 } };
  expect(restoreOf(loadPlatform('threads', { restoreFile: restoreFile({ prod: restore }) }), 'prod')).toEqual(restore);
});

test.each<[string, unknown, string]>([
  ['a generation below 1', { prod: { generation: 0 } }, 'prod.generation: got 0; must be at least 1'],
  [
    'a restored disk from nowhere',
    { prod: { generation: 2 } },
    'prod.snapshot: missing; generation 2 is a restored disk; set the snapshot that it was created from',
  ],
  [
    'a previous disk of a later generation',
    { prod: { generation: 2, snapshot: 's', previous: { generation: 2 } } },
    'prod.previous: got {"generation":2}; must be lower than the current generation, 2',
  ],
  [
    'a finished restore with earlier disks',
    { prod: { generation: 2, snapshot: 's', previous: { generation: 1 }, finished: true } },
    'prod.finished: got true; a finished restore has no earlier disks; remove `finished` or `previous`',
  ],
  [
    'a snapshot by an expression',
    { prod: { generation: 2, snapshot: '${path.root}' } },
    'prod.snapshot: got "${path.root}"; must be the name of a snapshot: up to 63 lowercase letters, digits and hyphens, beginning with a letter',
  ],
  [
    'an unknown key',
    { prod: { generation: 1, snapshots: 's' } },
    'prod: unknown key "snapshots"; did you mean "snapshot"?',
  ],
  ...['live', 'local'].map((env): [string, unknown, string] => [
    `environment ${env}, which has no VM,`,
    { [env]: { generation: 1 } },
    `${env}: got {"generation":1}; only environments with cluster kind "k0s-vm" can be restored: prod, staging`,
  ]),
  [
    'an environment that JavaScript would drop',
    '{"__proto__":{"generation":1}}',
    '__proto__: got {"generation":1}; only environments with cluster kind "k0s-vm" can be restored: prod, staging',
  ],
  ['what is no JSON', 'generation: 2', 'must be JSON'],
])('%s in the restore file is refused', (_, content, message) => {
  expect(() => loadPlatform('threads', { restoreFile: restoreFile(content) })).toThrow(`:\n  ${message}`);
});

test('the restore file is in the directory that STRATA_RESTORE_DIRECTORY names', () => {
  mkdirSync(join(folder, 'threads'));
  writeFileSync(join(folder, 'threads', 'restore.json'), '{"prod":{"generation":2,"snapshot":"s"}}');
  process.env['STRATA_RESTORE_DIRECTORY'] = folder;
  try {
    expect(restoreOf(loadPlatform('threads'), 'prod')).toEqual({ generation: 2, snapshot: 's' });
  } finally {
    delete process.env['STRATA_RESTORE_DIRECTORY'];
  }
});

test('an unknown platform is an error that names the known ones', () => {
  expect(() => loadPlatform('thread')).toThrow(
    'unknown platform "thread"; expected one of real-estate, techtorque, threads, todo-platform',
  );
});

test.each<[string, string]>([
  ['', 'it cannot be read: Unexpected end of JSON input; restore it with git checkout'],
  ['[]', '(top): got []; must be an object'],
  ['"x"', '(top): got "x"; must be an object'],
  ['{"app":"x"}', 'context: missing; must be an object'],
  ['{"context":{"platform":1}}', 'context.platform: got 1; must be a string'],
])('a cdktf.json with %j is refused', (text, problem) => {
  const file = join(folder, 'cdktf.json');
  writeFileSync(file, text);
  expect(() => configuredPlatform(file)).toThrow(`cdktf.json is not valid:\n  ${problem}`);
});

test('PLATFORM names the platform of a command, but not whose repository this is', () => {
  const { PLATFORM: before } = process.env;
  try {
    process.env['PLATFORM'] = 'techtorque';
    expect([defaultPlatform(), configuredPlatform()]).toEqual(['techtorque', 'threads']);
    delete process.env['PLATFORM'];
    expect(defaultPlatform()).toBe('threads');
  } finally {
    if (before !== undefined) process.env['PLATFORM'] = before;
  }
});
