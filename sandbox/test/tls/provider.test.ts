import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tlsProvider } from '../../tls/provider';
import { Ground } from '../protocol/ground';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([tlsProvider()]);
});

afterEach(() => ground.close());

const hasOpenSsh = spawnSync('ssh-keygen', ['-?']).error === undefined;

test.each([
  ['RSA', '', 'ssh-rsa', 'RSA PRIVATE KEY'],
  ['ECDSA', 'ecdsa_curve = "P256"', 'ecdsa-sha2-nistp256', 'EC PRIVATE KEY'],
  ['ED25519', '', 'ssh-ed25519', 'PRIVATE KEY'],
])('a key by %s is one that OpenSSH reads', async (algorithm, more, type, pem) => {
  const shown = await ground.apply(`resource "tls_private_key" "key" {\n algorithm = "${algorithm}"\n ${more}\n}`);
  const key = await ground.state('tls_private_key.key');
  expect(key['private_key_pem']).toContain(`-----BEGIN ${pem}-----`);
  expect(shown).not.toContain('BEGIN');
  expect(await ground.isSettled()).toBe(true);
  expect(key['public_key_openssh']).toMatch(new RegExp(`^${type} \\S+\\n$`));
  if (!hasOpenSsh) return;
  const file = join(ground.folder, 'key');
  writeFileSync(file, String(key['private_key_openssh']), { mode: 0o600 });
  const ask = (...args: string[]) => execFileSync('ssh-keygen', [...args, '-f', file], { encoding: 'utf8' });
  expect(ask('-y')).toContain(String(key['public_key_openssh']).trim());
  expect(ask('-l')).toContain(String(key['public_key_fingerprint_sha256']));
  expect(ask('-l', '-E', 'md5')).toContain(String(key['public_key_fingerprint_md5']));
});

test('a curve that OpenSSH does not know has no key for it', async () => {
  await ground.apply('resource "tls_private_key" "key" { algorithm = "ECDSA" }');
  expect(await ground.state('tls_private_key.key')).toMatchObject({ ecdsa_curve: 'P224', public_key_openssh: '' });
});

test('the public key is read from a private one', async () => {
  await ground.apply(`
    resource "tls_private_key" "key" { algorithm = "ED25519" }
    data "tls_public_key" "key" { private_key_pem = tls_private_key.key.private_key_pem }
    output "same" { value = data.tls_public_key.key.public_key_openssh == nonsensitive(tls_private_key.key.public_key_openssh) }`);
  expect((await ground.passes('output', 'same')).stdout.trim()).toBe('true');
});

test('an unknown algorithm is refused', async () => {
  ground.write('resource "tls_private_key" "key" { algorithm = "DSA" }');
  expect(await ground.fails('validate')).toContain('value must be one of: "RSA", "ECDSA", "ED25519", got "DSA"');
});
