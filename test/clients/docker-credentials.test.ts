import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerCredentials } from '../../clients/docker-credentials';

const folder = mkdtempSync(join(tmpdir(), 'docker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = { DOCKER_CONFIG: folder, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
const base64 = (text: string) => Buffer.from(text).toString('base64');

function configure(config: object): void {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

/** A credential helper that answers like the real ones; it fails when the server comes as an argument. */
function install(name: string, script: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const file = join(folder, 'bin', `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n[ "$*" = get ] || exit 9\nread -r server\n${script}\n`);
  chmodSync(file, 0o755);
}

test('whoever has never logged in has no credentials', async () => {
  expect(await dockerCredentials('ghcr.io', { DOCKER_CONFIG: join(folder, 'none') })).toBeUndefined();
});

test('a login is read as docker has kept it, Docker Hub by its old name', async () => {
  configure({
    auths: {
      'https://index.docker.io/v1/': { auth: base64('hub:with:colons') },
      'ghcr.io': { identitytoken: 'refresh me' },
    },
  });
  expect(await dockerCredentials('docker.io', env)).toEqual({ username: 'hub', password: 'with:colons' });
  expect(await dockerCredentials('ghcr.io', env)).toEqual({ identityToken: 'refresh me' });
  expect(await dockerCredentials('quay.io', env)).toBeUndefined();
});

test('prefers the credential helper of a host, and passes the host on standard input', async () => {
  install('store', 'echo "{\\"Username\\":\\"store\\",\\"Secret\\":\\"for $server\\"}"');
  install('gcloud', 'echo "{\\"Username\\":\\"_dcgcloud_token\\",\\"Secret\\":\\"for $server\\"}"');
  configure({ credsStore: 'store', credHelpers: { 'us-docker.pkg.dev': 'gcloud' } });
  expect(await dockerCredentials('us-docker.pkg.dev', env)).toEqual({
    username: '_dcgcloud_token',
    password: 'for us-docker.pkg.dev',
  });
  expect(await dockerCredentials('docker.io', env)).toEqual({
    username: 'store',
    password: 'for https://index.docker.io/v1/',
  });
});

test('a helper without an entry has none; one that fails is named', async () => {
  install('empty', 'echo "credentials not found in native keychain"; exit 1');
  configure({ credsStore: 'empty' });
  expect(await dockerCredentials('ghcr.io', env)).toBeUndefined();
  install('broken', 'echo "keychain is locked" >&2; exit 1');
  configure({ credsStore: 'broken' });
  await expect(dockerCredentials('ghcr.io', env)).rejects.toThrow(
    'docker-credential-broken get failed: keychain is locked; log in again',
  );
});

test('a configuration that is no JSON is named', async () => {
  writeFileSync(join(folder, 'config.json'), '{');
  await expect(dockerCredentials('ghcr.io', env)).rejects.toThrow(`could not read ${join(folder, 'config.json')}: `);
});
