import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry in this process: it speaks the OCI distribution API, and demands a token when it is told to. */
export class TestRegistry {
  /** Requests that it has answered, as `GET /v2/...`. */
  readonly requests: string[] = [];
  /** Account that gets tokens; without one everything is public. */
  account: { readonly username: string; readonly password: string } | undefined;
  /** Answers to give before the real one. */
  readonly refusals: { readonly status: number; readonly headers?: Record<string, string> }[] = [];
  private readonly documents = new Map<string, { readonly type: string; readonly body: string }>();
  private readonly server = createServer((request, response) => this.answer(request, response));

  /** The endpoint, once it listens. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Pushes an image with an index, as buildx does, with the attestation that it adds. @returns its digest. */
  pushIndex(name: string, tag: string, platforms: readonly string[]): string {
    const manifests = [...platforms, 'unknown/unknown'].map((platform) => {
      const [os, architecture] = platform.split('/');
      return { platform: { os, architecture } };
    });
    return this.put(name, tag, 'application/vnd.oci.image.index.v1+json', { schemaVersion: 2, manifests });
  }

  /** Pushes an image with a single manifest, as `docker push` does. @returns its digest. */
  pushManifest(name: string, tag: string, platform: string): string {
    const [os, architecture] = platform.split('/');
    const config = this.put(name, undefined, 'application/vnd.oci.image.config.v1+json', { os, architecture });
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    return this.put(name, tag, type, { schemaVersion: 2, config: { digest: config } });
  }

  private put(name: string, tag: string | undefined, type: string, content: object): string {
    const body = JSON.stringify(content);
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    for (const reference of [digest, ...(tag ? [tag] : [])]) this.documents.set(`${name}@${reference}`, { type, body });
    return digest;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.endpoint);
    this.requests.push(`${request.method} ${url.pathname}`);
    const refusal = this.refusals.shift();
    if (refusal) {
      response.writeHead(refusal.status, refusal.headers).end();
      return;
    }
    if (url.pathname === '/token') {
      this.issueToken(request, response);
      return;
    }
    const [, name = '', reference = ''] = /^\/v2\/(.+)\/(?:manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    const action = request.method === 'PUT' ? 'pull,push' : 'pull';
    if (this.account && request.headers.authorization !== `Bearer ${name}:${action}`) {
      const challenge = `Bearer realm="${this.endpoint}token",service="test",scope="repository:${name}:${action}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return;
    }
    if (request.method === 'PUT') {
      void this.receive(name, reference, request, response);
      return;
    }
    const document = this.documents.get(`${name}@${reference}`);
    if (!document) {
      response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
      return;
    }
    const digest = `sha256:${createHash('sha256').update(document.body).digest('hex')}`;
    response.writeHead(200, { 'content-type': document.type, 'docker-content-digest': digest }).end(document.body);
  }

  private async receive(name: string, tag: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.put(name, tag, request.headers['content-type'] ?? '', JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(201).end();
  }

  private issueToken(request: IncomingMessage, response: ServerResponse): void {
    const { username, password } = this.account ?? {};
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const [, name, action] = new URL(request.url ?? '/', this.endpoint).searchParams.get('scope')?.split(':') ?? [];
    if (request.headers.authorization === expected) response.end(JSON.stringify({ token: `${name}:${action}` }));
    else response.writeHead(401).end();
  }
}
