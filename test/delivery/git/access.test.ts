import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { explained, openAccess } from '../../../delivery/git/access';
import { GitRefStore } from '../../../delivery/git/git-ref-store';
import { runGit } from '../../../delivery/git/process';
import { credentialsOf, GITHUB_HOST_KEY, remoteAddress } from '../../../delivery/git/remote';
import { UsageError } from '../../../errors';

const TOKEN = 'sentinel-of-a-token';
const HTTPS = 'https://github.com/acme/config.git';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-access-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  'https://x-access-token:secret@github.com/a/b.git',
  'https://secret@github.com/a/b.git',
  'ssh://git:secret@github.com/a/b.git',
])('refuses an address with credentials, without repeating them: %s', (url) => {
  expect(() => remoteAddress(url, {})).toThrow(UsageError);
  expect(() => remoteAddress(url, {})).toThrow(
    /^address \S+:\/\/\*\*\*@github\.com\/a\/b\.git contains credentials, which would be visible in logs and process lists; remove them/,
  );
  expect(() => remoteAddress(url, {})).not.toThrow(/secret/);
});

test.each([HTTPS, 'git@github.com:acme/config.git', 'ssh://git@github.com/acme/config.git'])(
  'with a deploy key %s is reached by SSH through port 443',
  (url) => {
    expect(remoteAddress(url, { deployKey: 'key' })).toBe('ssh://git@ssh.github.com:443/acme/config.git');
    expect(remoteAddress(url, {})).toBe(url);
  },
);

test("GitHub's host key has the published fingerprint", () => {
  writeFileSync(join(folder, 'key.pub'), GITHUB_HOST_KEY);
  const printed = execFileSync('ssh-keygen', ['-lf', join(folder, 'key.pub')]).toString();
  expect(printed).toContain('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});

test('credentials come from the environment; empty ones are none', () => {
  const env = { REPO_ACCESS_TOKEN: TOKEN, CONFIG_DEPLOY_KEY: '' };
  expect(credentialsOf(env)).toEqual({ token: TOKEN, deployKey: undefined });
});

test('a token reaches its own host by the credential helper, and no other', async () => {
  const { env } = await openAccess(HTTPS, { token: TOKEN }, folder);
  const fill = async (host: string) => {
    const args = ['credential', 'fill'];
    const finished = await runGit(args, folder, { ...env, GIT_ASKPASS: 'false' }, `protocol=https\nhost=${host}\n\n`);
    return finished.stdout;
  };
  expect(await fill('github.com')).toContain(`username=x-access-token\npassword=${TOKEN}\n`);
  expect(await fill('git.example.com')).not.toContain(TOKEN);
});

test('a token goes into the header of a request, and into no argument, file or message', async () => {
  const headers: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(`bad ${TOKEN}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A git that writes down how it was called.
  const real = execFileSync('which', ['git']).toString().trim();
  writeFileSync(join(folder, 'git'), `#!/bin/sh\necho "$@" >> ${folder}/calls\nexec ${real} "$@"\n`, { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = [folder, path].join(delimiter);
  const store = await GitRefStore.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a.git`, {
    token: TOKEN,
  });
  try {
    const failure = await store.read('refs/heads/main').catch((error: Error) => error.message);
    expect(failure).toMatch(
      /Authentication failed[\s\S]*set REPO_ACCESS_TOKEN \(token of a GitHub App\) or CONFIG_DEPLOY_KEY/,
    );
    expect(failure).not.toContain(TOKEN);
    expect(headers).toContain(`Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`);
    expect(readFileSync(join(folder, 'calls'), 'utf8')).not.toContain(TOKEN);
    expect(spawnedGrep(store.folder)).toBe('');
  } finally {
    process.env['PATH'] = path;
    store.close();
    server.closeAllConnections();
    server.close();
  }
});

test('a token that git repeats is taken out of its message', async () => {
  const access = await openAccess(HTTPS, { token: TOKEN }, folder);
  expect(explained(`fatal: unable to access with ${TOKEN}`, access)).toBe('fatal: unable to access with ***');
});

test('a deploy key is held by an agent, is in no file, and ends with the store', async () => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')]);
  const deployKey = readFileSync(join(folder, 'id'), 'utf8');
  const store = await GitRefStore.open(HTTPS, { deployKey });
  try {
    const socket = join(store.folder, 'agent');
    const listed = execFileSync('ssh-add', ['-L'], { env: { ...process.env, SSH_AUTH_SOCK: socket } }).toString();
    expect(readFileSync(join(folder, 'id.pub'), 'utf8')).toContain(listed.split(' ')[1]);
    const secret = deployKey.split('\n')[2] ?? '';
    expect(spawnedGrep(store.folder, secret)).toBe('');
    expect(readFileSync(join(store.folder, 'known_hosts'), 'utf8')).toBe(`[ssh.github.com]:443 ${GITHUB_HOST_KEY}\n`);
  } finally {
    store.close();
  }
  expect(existsSync(store.folder)).toBe(false);
});

test('a key that is none says what is needed, without repeating it', async () => {
  await expect(GitRefStore.open(HTTPS, { deployKey: 'no key' })).rejects.toThrow(
    'ssh-add refused the deploy key in CONFIG_DEPLOY_KEY; set it to a private key in OpenSSH format',
  );
});

/** The files below a folder that have a text in them. */
function spawnedGrep(where: string, text = TOKEN): string {
  try {
    return execFileSync('grep', ['-rlF', '--', text, where]).toString();
  } catch {
    return '';
  }
}
