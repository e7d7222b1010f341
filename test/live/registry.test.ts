import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RegistryCredentials } from '../../clients/docker-credentials';
import { RegistryClient } from '../../clients/registry';
import { isPushed, requireImage } from '../../delivery/image/images';
import { deliveredImageOf, isOwn } from '../../delivery/image/own-images';
import { loadPlatform } from '../../platforms/load';
import { lacking, suiteUnless } from '../helpers/lane';
import { ACCOUNT, type Auth, DockerRegistry } from './docker-registry';

const lacks = [
  ...lacking(['docker-registry']).map((name) => `${name} (Debian's package of that name)`),
  ...lacking(['openssl']),
];

const WEB = 'ghcr.io/team/web';

suiteUnless(lacks, "the registry client on Debian's docker-registry")('on docker-registry', () => {
  let registry: DockerRegistry;
  afterEach(() => registry?.close());

  const clientFor = (credentials?: RegistryCredentials, endpoint = registry.endpoint) =>
    new RegistryClient({ endpoint, credentials: async () => credentials });

  test('an index says which platforms it was built for, without its attestation, and another tag can name it', async () => {
    registry = await DockerRegistry.open('none');
    const digest = await registry.pushIndex('team/web', 'abc1234', ['linux/amd64', 'linux/arm64']);
    const client = clientFor();
    const image = await client.find(WEB, 'abc1234');
    expect(image).toMatchObject({ digest, platforms: ['linux/amd64', 'linux/arm64'] });
    if (!image) return;
    await client.tag(WEB, image, 'deployed-prod');
    expect((await client.find(WEB, 'deployed-prod'))?.digest).toBe(digest);
    expect((await client.find(WEB, digest))?.platforms).toEqual(image.platforms);
  });

  test('a single manifest says it by its configuration, and the wrong platform is refused', async () => {
    registry = await DockerRegistry.open('none');
    await registry.pushManifest('team/web', 'def5678', 'linux/arm64');
    const client = clientFor();
    expect((await client.find(WEB, 'def5678'))?.platforms).toEqual(['linux/arm64']);
    await expect(requireImage(client, { repository: WEB, tag: 'def5678' }, 'amd64')).rejects.toThrow(
      `${WEB}:def5678 is built for linux/arm64, the nodes are linux/amd64; build it for linux/amd64 too`,
    );
  });

  test('a missing tag and a missing repository are no errors, and are refused before a deployment', async () => {
    registry = await DockerRegistry.open('none');
    await registry.pushManifest('team/web', 'abc1234', 'linux/amd64');
    const client = clientFor();
    expect(await client.find(WEB, '0000000')).toBeUndefined();
    expect(await client.find('ghcr.io/team/other', 'abc1234')).toBeUndefined();
    await expect(requireImage(client, { repository: WEB, tag: '0000000' }, 'amd64')).rejects.toThrow(
      `${WEB}:0000000 is not in the registry; build and push it first`,
    );
    const image = deliveredImageOf(loadPlatform('threads'), 'nextjs');
    expect(isOwn(image) && (await isPushed(client, { ...image, repository: WEB }, 'abc1234'))).toBe(true);
  });

  test.each<Auth>(['basic', 'token'])('a %s challenge is answered, for reading and for tagging', async (auth) => {
    registry = await DockerRegistry.open(auth);
    const digest = await registry.pushIndex('team/web', 'abc1234', ['linux/amd64']);
    const client = clientFor(ACCOUNT);
    const image = await client.find(WEB, 'abc1234');
    expect(image?.digest).toBe(digest);
    if (!image) return;
    await client.tag(WEB, image, 'deployed-prod');
    expect((await client.find(WEB, 'deployed-prod'))?.digest).toBe(digest);
    for (const credentials of [undefined, { ...ACCOUNT, password: 'guess' }]) {
      await expect(clientFor(credentials).find(WEB, 'abc1234')).rejects.toThrow(
        /401 .*; run docker login ghcr\.io with an account that may pull/,
      );
    }
  });

  test('a rate limit in front of it is waited for', async () => {
    registry = await DockerRegistry.open('none');
    await registry.pushIndex('team/web', 'abc1234', ['linux/amd64']);
    const limiter = await limiting(registry.endpoint, 2);
    const waits: number[] = [];
    const client = new RegistryClient({
      endpoint: `http://127.0.0.1:${(limiter.address() as AddressInfo).port}/`,
      credentials: async () => undefined,
      sleep: async (seconds) => {
        waits.push(seconds);
      },
    });
    try {
      expect((await client.find(WEB, 'abc1234'))?.platforms).toEqual(['linux/amd64']);
      expect(waits).toEqual([7, 7]);
    } finally {
      limiter.close();
    }
  });
});

/** Refuses the first requests as Docker Hub does, and passes the others on: docker-registry has no limit. */
async function limiting(endpoint: string, refusals: number): Promise<Server> {
  let left = refusals;
  const server = createServer(async (request, response) => {
    if (left-- > 0) {
      response.writeHead(429, { 'retry-after': '7' }).end('{"errors":[{"code":"TOOMANYREQUESTS"}]}');
      return;
    }
    const accept = String(request.headers.accept ?? '*/*');
    const answer = await fetch(new URL(request.url ?? '/', endpoint), { headers: { accept } });
    const body = Buffer.from(await answer.arrayBuffer());
    const type = answer.headers.get('content-type') ?? '';
    const digest = answer.headers.get('docker-content-digest') ?? '';
    response.writeHead(answer.status, { 'content-type': type, 'docker-content-digest': digest }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
