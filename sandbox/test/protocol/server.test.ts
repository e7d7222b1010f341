import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoverageCounter } from '../../coverage';
import { nullProvider } from '../../null/provider';
import { serveProviders } from '../../protocol/server';
import { World } from '../../world';
import { runTerraform } from '../helpers/terraform';
import { toyGoogle } from './toys';

const options = { world: World.inMemory(), coverage: new CoverageCounter(), home: '/home/sandbox' };

test('terraform is told where each provider listens, and that it must not be killed', async () => {
  const served = await serveProviders([toyGoogle(), nullProvider()], options);
  const { 'hashicorp/google': google, 'hashicorp/null': none } = JSON.parse(served.reattach);
  expect(google).toMatchObject({ Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true });
  expect(google.Addr.String).not.toBe(none.Addr.String);
  expect(existsSync(google.Addr.String)).toBe(true);
  await served.close();
  expect(existsSync(google.Addr.String)).toBe(false);
});

test('a temporary folder too long for a socket is refused, with what to do', async () => {
  const base = mkdtempSync(join(tmpdir(), 'long-'));
  const long = join(base, 'x'.repeat(100));
  mkdirSync(long);
  const elsewhere = jest.spyOn(os, 'tmpdir').mockReturnValue(long);
  await expect(serveProviders([nullProvider()], options)).rejects.toThrow(
    /^socket path .+ has more than 107 bytes; set TMPDIR to a shorter folder$/,
  );
  elsewhere.mockRestore();
  expect(readdirSync(long)).toEqual([]);
  rmSync(base, { recursive: true });
});

test('several commands at once are served by one server', async () => {
  const served = await serveProviders([toyGoogle()], options);
  const folders = ['one', 'two', 'three'].map((name) => {
    const folder = mkdtempSync(join(tmpdir(), 'ground-'));
    const project = `provider "google" {\n  project = "${name}"\n}\n`;
    writeFileSync(
      join(folder, 'main.tf'),
      `${project}resource "google_compute_network" "n" {\n  name = "${name}"\n}\n`,
    );
    return folder;
  });
  const env = { TF_REATTACH_PROVIDERS: served.reattach };
  const finished = await Promise.all(folders.map((folder) => runTerraform(folder, ['apply', '-auto-approve'], env)));
  await served.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
  expect(finished.map(({ code }) => code)).toEqual([0, 0, 0]);
  const made = options.world.list('google_compute_network').map(({ key, values }) => [key, values['project']]);
  expect(made.sort()).toEqual([
    ['one', 'one'],
    ['three', 'three'],
    ['two', 'two'],
  ]);
});
