import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { HETZNER_K3S } from '../../../delivery/cluster/hetzner-k3s';
import { installHetznerK3s } from '../../../delivery/cluster/install';
import { temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const program = Buffer.from(`#!/bin/sh\necho ${HETZNER_K3S.slice(1)}\n`);
const HETZNER_K3S_SHA256 = createHash('sha256').update(program).digest('hex');
let server: Server;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  server = createServer((request, response) => {
    const isThere = request.url === `/${HETZNER_K3S}/hetzner-k3s-linux-amd64`;
    response.writeHead(isThere ? 200 : 404).end(isThere ? program : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  mkdirSync(join(folder, 'empty'));
  env = {
    HOME: folder,
    PATH: join(folder, 'empty'),
    GITHUB_PATH: join(folder, 'path'),
    STRATA_HETZNER_K3S_RELEASES: `http://127.0.0.1:${port}`,
    HETZNER_K3S_SHA256,
  };
});
afterAll(() => server.close());

test.each([
  [
    'no checksum',
    { HETZNER_K3S_SHA256: '' },
    'HETZNER_K3S_SHA256: got ""; give the SHA-256 of hetzner-k3s-linux-amd64',
  ],
  [
    'another program',
    { HETZNER_K3S_SHA256: '0'.repeat(64) },
    `has SHA-256 ${HETZNER_K3S_SHA256}, and HETZNER_K3S_SHA256 is 000`,
  ],
  ['a release that does not exist', { STRATA_HETZNER_K3S_RELEASES: '/nowhere' }, 'could not download'],
])('refuses %s, and installs nothing', async (_, changes, message) => {
  await expect(installHetznerK3s({ ...env, ...changes })).rejects.toThrow(message);
  expect(existsSync(join(folder, '.local'))).toBe(false);
});

test('installs the release once, where later steps of a workflow find it', async () => {
  const path = join(folder, '.local', 'bin', 'hetzner-k3s');
  expect(await installHetznerK3s(env)).toBe(path);
  expect(readFileSync(path)).toEqual(program);
  expect(statSync(path).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(folder, 'path'), 'utf8')).toBe(`${join(folder, '.local', 'bin')}\n`);
  const found = { ...env, PATH: [join(folder, '.local', 'bin'), '/bin', '/usr/bin'].join(delimiter) };
  expect(await installHetznerK3s({ ...found, HETZNER_K3S_SHA256: '' })).toBeUndefined();
});
