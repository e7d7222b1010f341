import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localProvider } from '../../local/provider';
import { Ground } from '../protocol/ground';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([localProvider()]);
});

afterEach(() => ground.close());

test("a file is written below terraform's folder, healed and deleted", async () => {
  const path = join(ground.folder, 'out', 'hosts');
  await ground.apply(`resource "local_file" "hosts" {
    content         = "a\\n"
    filename        = "\${path.module}/out/hosts"
    file_permission = "0640"
  }`);
  expect(readFileSync(path, 'utf8')).toBe('a\n');
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(await ground.isSettled()).toBe(true);
  writeFileSync(path, 'changed');
  expect(await ground.isSettled()).toBe(false);
  await ground.passes('apply', '-auto-approve');
  expect(readFileSync(path, 'utf8')).toBe('a\n');
  await ground.passes('destroy', '-auto-approve');
  expect(existsSync(path)).toBe(false);
});

test('a sensitive file is for its owner, and its content is not printed', async () => {
  const shown = await ground.apply('resource "local_sensitive_file" "key" {\n content = "hush"\n filename = "key"\n}');
  expect(statSync(join(ground.folder, 'key')).mode & 0o777).toBe(0o700);
  expect(shown).not.toContain('hush');
});

test('a file is read with its hashes, and one that is not there is an error', async () => {
  writeFileSync(join(ground.folder, 'in'), 'hi');
  await ground.apply(
    'data "local_file" "in" { filename = "in" }\noutput "md5" { value = data.local_file.in.content_md5 }',
  );
  expect((await ground.passes('output', '-raw', 'md5')).stdout).toBe('49f68a5c8493ec2c0bf489821c21fc3b');
  ground.write('data "local_file" "in" { filename = "nowhere" }');
  expect(await ground.fails('plan')).toContain('nowhere: no such file');
});

test('nothing is written elsewhere', async () => {
  ground.write('resource "local_file" "out" {\n content = "a"\n filename = "/opt/strata-must-not-exist"\n}');
  expect(await ground.fails('apply', '-auto-approve')).toContain(
    'the sandbox does not write to /opt/strata-must-not-exist',
  );
});

test('a file has one content', async () => {
  ground.write('resource "local_file" "out" { filename = "a" }');
  expect(await ground.fails('plan')).toContain('exactly one of content');
});
