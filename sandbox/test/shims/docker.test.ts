import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { controlApi } from '../../control';
import { type Listening, listen } from '../../http';
import { Clusters } from '../../kubernetes/clusters/clusters';
import { findImage } from '../../registry/oci';
import { World } from '../../world';

const DOCKER = join(__dirname, '../../shims/docker');
const world = World.inMemory();
let api: Listening;

beforeAll(async () => {
  const clusters = new Clusters(world, { controllers: [], images: { find: () => undefined } });
  api = await listen(0, [controlApi(world, clusters, () => api.baseUrl)]);
});
afterAll(() => api.close());

function docker(...args: string[]): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile(DOCKER, args, { env: { ...process.env, STRATA_SANDBOX: api.baseUrl } }, (error, _, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });
}

test('a build that is pushed is in the registry, for its platforms, and says what was not done', async () => {
  const { code, stderr } = await docker(
    'buildx',
    'build',
    '--platform=linux/amd64,linux/arm64',
    '--tag=ghcr.io/team/web:abc1234',
    '--label=org.opencontainers.image.revision=abc1234',
    '--cache-to=type=registry,ref=ghcr.io/team/web:buildcache,mode=max',
    '--push',
    '/nowhere',
  );
  expect(code).toBe(0);
  const image = findImage(world, 'ghcr.io/team/web:abc1234');
  expect(image).toMatchObject({ architectures: ['amd64', 'arm64'] });
  expect(stderr).toContain('docker (simulated): /nowhere/Dockerfile does not exist; a real build would fail here');
  expect(stderr).toContain((image as { digest: string }).digest);
});

test.each([
  ['run', ['run', 'debian'], 'docker run debian: not simulated'],
  ['docker push', ['push', 'ghcr.io/team/web:1'], 'docker push ghcr.io/team/web:1: not simulated'],
  [
    'a build that stays',
    ['buildx', 'build', '--platform=linux/amd64', '--tag=a/b:1', '.'],
    'without --push the image stays',
  ],
  ['an option it does not know', ['buildx', 'build', '--secret=id=x', '--push', '.'], 'does not know --secret'],
  [
    'another platform',
    ['buildx', 'build', '--platform=windows/amd64', '--tag=a/b:1', '--push', '.'],
    'got windows/amd64',
  ],
  ['no tag', ['buildx', 'build', '--platform=linux/amd64', '--push', '.'], 'give --platform=, --tag= and one context'],
  [
    'a tag that is none',
    ['buildx', 'build', '--platform=linux/amd64', '--tag=A B', '--push', '.'],
    'invalid image reference "A B"',
  ],
])('%s is refused', async (_, args, message) => {
  const { code, stderr } = await docker(...args);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});
