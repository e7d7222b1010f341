import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, createSign, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePorts } from '../cluster/envtest';

/** The account of every registry that asks for one. */
export const ACCOUNT = { username: 'ci', password: 'open: sesame' };

/** ACCOUNT's password as htpasswd hashes it, which docker-registry wants as bcrypt. */
const HTPASSWD = `${ACCOUNT.username}:$2b$04$MGCllu1GEj6orjZ0UAS7AelNd5yQua.23qzL2PUG1eU9iKgiYFfdi\n`;

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** How a registry asks who calls: not at all, by name and password, or by a token of another server. */
export type Auth = 'none' | 'basic' | 'token';

/** Debian's docker-registry on a free port, with what it stores in a temporary folder. */
export class DockerRegistry {
  private readonly home = mkdtempSync(join(tmpdir(), 'strata-registry-'));
  private child: ChildProcess | undefined;
  private tokens: Server | undefined;
  /** The endpoint, once it is open. */
  endpoint = '';

  private constructor(private readonly auth: Auth) {}

  static async open(auth: Auth): Promise<DockerRegistry> {
    const registry = new DockerRegistry(auth);
    try {
      await registry.start();
      return registry;
    } catch (error) {
      await registry.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.child?.kill('SIGKILL');
    await new Promise((resolve) => (this.tokens ? this.tokens.close(resolve) : resolve(undefined)));
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Pushes an image with a single manifest. @returns its descriptor in an index */
  async pushManifest(name: string, tag: string | undefined, platform: string) {
    const [os, architecture] = platform.split('/');
    const config = await this.blob(name, { os, architecture, rootfs: { type: 'layers', diff_ids: [] } });
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [],
    };
    return { ...(await this.manifest(name, tag, MANIFEST, manifest)), platform: { os, architecture } };
  }

  /** Pushes an index over manifests, the last of which is an attestation, as buildx does. @returns its digest */
  async pushIndex(name: string, tag: string, platforms: readonly string[]): Promise<string> {
    const manifests = [];
    for (const platform of [...platforms, 'unknown/unknown'])
      manifests.push(await this.pushManifest(name, undefined, platform));
    return (await this.manifest(name, tag, INDEX, { schemaVersion: 2, mediaType: INDEX, manifests })).digest;
  }

  private async manifest(name: string, tag: string | undefined, mediaType: string, content: object) {
    const body = JSON.stringify(content);
    const digest = digestOf(body);
    await this.put(`${name}/manifests/${tag ?? digest}`, name, body, mediaType);
    return { mediaType, digest, size: Buffer.byteLength(body) };
  }

  private async blob(name: string, content: object) {
    const body = JSON.stringify(content);
    const digest = digestOf(body);
    const headers = this.authorization(name);
    const begun = await fetch(`${this.endpoint}v2/${name}/blobs/uploads/`, { method: 'POST', headers });
    const location = new URL(begun.headers.get('location') ?? '', this.endpoint);
    location.searchParams.set('digest', digest);
    await this.put(location.toString(), name, body, 'application/octet-stream');
    return { digest, size: Buffer.byteLength(body) };
  }

  private async put(path: string, name: string, body: string, type: string): Promise<void> {
    const url = path.startsWith('http') ? path : `${this.endpoint}v2/${path}`;
    const headers = { 'content-type': type, ...this.authorization(name) };
    const response = await fetch(url, { method: 'PUT', headers, body });
    if (!response.ok) throw new Error(`PUT ${url}: ${response.status} ${await response.text()}`);
  }

  private authorization(name: string): Record<string, string> {
    if (this.auth === 'none') return {};
    if (this.auth === 'token') return { authorization: `Bearer ${this.token(name, ['pull', 'push'])}` };
    const basic = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
    return { authorization: `Basic ${basic}` };
  }

  private async start(): Promise<void> {
    const [port = 0] = await freePorts(1);
    const storage = join(this.home, 'storage');
    mkdirSync(storage);
    const config = join(this.home, 'config.yml');
    writeFileSync(
      config,
      stringify({
        version: '0.1',
        log: { level: 'error' },
        storage: { filesystem: { rootdirectory: storage } },
        http: { addr: `127.0.0.1:${port}`, secret: randomBytes(16).toString('hex') },
        ...(this.auth !== 'none' && { auth: await this.authConfig() }),
      }),
    );
    this.endpoint = `http://127.0.0.1:${port}/`;
    this.child = spawn('docker-registry', ['serve', config], { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
    const until = Date.now() + 20_000;
    while (!(await fetch(`${this.endpoint}v2/`).catch(() => undefined))) {
      if (Date.now() > until || this.child.exitCode !== null) throw new Error('docker-registry does not answer');
      await setTimeout(50);
    }
  }

  private async authConfig(): Promise<object> {
    if (this.auth === 'basic') {
      const path = join(this.home, 'htpasswd');
      writeFileSync(path, HTPASSWD);
      return { htpasswd: { realm: 'test', path } };
    }
    const [key, certificate] = [join(this.home, 'key.pem'), join(this.home, 'certificate.pem')];
    const subject = ['-subj', '/CN=strata', '-days', '1', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' });
    const tokens = createServer((request, response) => {
      const expected = `Basic ${Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64')}`;
      const scope = new URL(request.url ?? '/', 'http://localhost').searchParams.get('scope') ?? '';
      const [, name = '', actions = ''] = scope.split(':');
      if (request.headers.authorization !== expected) response.writeHead(401).end();
      else response.end(JSON.stringify({ token: this.token(name, actions.split(',')) }));
    });
    this.tokens = tokens;
    await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
    const realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
    return { token: { realm, service: 'strata', issuer: 'strata', rootcertbundle: certificate } };
  }

  /** A token as https://distribution.github.io/distribution/spec/auth/jwt/ describes it. */
  private token(name: string, actions: readonly string[]): string {
    const pem = readFileSync(join(this.home, 'certificate.pem'), 'utf8');
    const now = Math.floor(Date.now() / 1000);
    const header = { typ: 'JWT', alg: 'RS256', x5c: [pem.replace(/-----[^-]+-----|\s/g, '')] };
    const claims = {
      ...{ iss: 'strata', aud: 'strata', sub: ACCOUNT.username, jti: randomBytes(8).toString('hex') },
      ...{ iat: now, nbf: now - 60, exp: now + 300, access: [{ type: 'repository', name, actions }] },
    };
    const unsigned = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const key = readFileSync(join(this.home, 'key.pem'));
    return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key).toString('base64url')}`;
  }
}

function digestOf(body: string): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
