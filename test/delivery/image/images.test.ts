import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryClient } from '../../../clients/registry';
import { planBuild } from '../../../delivery/image/build';
import { imageStatus, requireImage } from '../../../delivery/image/images';
import { ownImages } from '../../../delivery/image/own-images';
import { overlaysOf, overlayWith } from '../../../delivery/overlays';
import techtorque from '../../../platforms/techtorque/platform';
import threads from '../../../platforms/threads/platform';
import todo from '../../../platforms/todo-platform/platform';
import { TestRegistry } from '../../helpers/registry';

const registry = new TestRegistry();
let client: RegistryClient;
const folder = mkdtempSync(join(tmpdir(), 'build-'));
const git = (...args: string[]) => execFileSync('git', args, { cwd: folder }).toString().trim();

beforeAll(async () => {
  client = new RegistryClient({ endpoint: (await registry.open()).endpoint, credentials: async () => undefined });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'test');
  git('config', 'user.email', 'test@localhost');
  mkdirSync(join(folder, 'ml-service'));
  writeFileSync(join(folder, 'ml-service/Dockerfile'), 'FROM scratch\n');
  git('add', '.');
  git('commit', '--quiet', '--message=one');
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const imageOf = (platform: typeof threads, name: string) => {
  const found = ownImages(platform).find((image) => image.name === name);
  if (!found) throw new Error(`no image ${name}`);
  return found;
};

test('own images are those of services that are not upstream, and those that no service runs', () => {
  expect(ownImages(threads).map(({ repository }) => repository)).toEqual([
    'us-east1-docker.pkg.dev/web-service-design/threads/nextjs',
    'us-east1-docker.pkg.dev/web-service-design/threads/ml-service',
  ]);
  expect(imageOf(todo, 'runner')).toEqual({
    name: 'runner',
    repository: 'docker.io/curiosinauts/scottseotech-runner',
    architectures: ['amd64'],
    source: 'https://github.com/scottseotech/todo-platform.git',
    build: { context: 'images/runner' },
  });
  expect(imageOf(techtorque, 'vehicle').source).toBe('https://github.com/TechTorque-2025/Vehicle_Service.git');
});

test.each([
  [threads, 'prod', 'nextjs', 'k8s/threads/overlays/prod', 'threads', 'threads'],
  [todo, 'prod', 'todo-api', 'k8s/todo-platform/applications/todo-api/overlays/prod', 'todo-api', 'default'],
  [todo, 'prod', 'runner', 'k8s/todo-platform/argocd-apps/prod', 'todo-platform', 'default'],
  [techtorque, 'dev', 'vehicle', 'k8s/techtorque/overlays/dev', 'techtorque-services-dev', 'dev'],
])('the overlay that holds a tag is found: %#', async (platform, env, name, path, application, namespace) => {
  const found = overlayWith(await overlaysOf(platform, env, '.'), imageOf(platform, name).repository);
  expect(found).toMatchObject({ path, application, namespace });
});

test('an image that no overlay names is wrong usage', async () => {
  const overlays = await overlaysOf(threads, 'prod', '.');
  expect(() => overlayWith(overlays, 'docker.io/team/other')).toThrow(
    'no `images:` entry for docker.io/team/other in k8s/threads/overlays/prod/kustomization.yaml; add one with newTag "0000000"',
  );
});

test('what an environment names is present, missing, or for other machines', async () => {
  const name = 'web-service-design/threads/nextjs';
  const overlays = await overlaysOf(threads, 'prod', '.');
  const status = async () =>
    (await imageStatus(client, overlays, ownImages(threads), 'amd64')).map(({ state }) => state);
  expect(await status()).toEqual(['missing', 'missing']);
  registry.pushIndex(name, '8caff6f', ['linux/arm64']);
  expect(await status()).toEqual(['wrong platform', 'missing']);
  registry.pushIndex(name, '8caff6f', ['linux/amd64', 'linux/arm64']);
  expect(await status()).toEqual(['present', 'missing']);
});

test('an image that is missing or for other machines is refused before it is deployed', async () => {
  const repository = 'ghcr.io/team/web';
  await expect(requireImage(client, { repository, tag: 'abc1234' }, 'amd64')).rejects.toMatchObject({
    message: 'ghcr.io/team/web:abc1234 is not in the registry; build and push it first',
    exitCode: 3,
  });
  registry.pushIndex('team/web', 'abc1234', ['linux/arm64']);
  await expect(requireImage(client, { repository, tag: 'abc1234' }, 'amd64')).rejects.toMatchObject({
    message:
      'ghcr.io/team/web:abc1234 is built for linux/arm64, but the nodes are linux/amd64; build it for linux/amd64 too',
    exitCode: 3,
  });
});

test('a build is one command of buildx for all platforms, with the layers of earlier ones, after its own step', async () => {
  const image = { ...imageOf(threads, 'ml-service'), architectures: ['amd64' as const, 'arm64' as const] };
  const stepped = { ...image, build: { ...image.build, step: ['npm', 'run', 'build'] } };
  const { commit, tag, commands } = await planBuild(stepped, { folder, tags: 'short-sha', push: true, scan: true });
  const sha = git('rev-parse', 'HEAD');
  const repository = 'us-east1-docker.pkg.dev/web-service-design/threads/ml-service';
  expect(commit).toEqual({ sha, branch: 'main' });
  expect(tag).toBe(sha.slice(0, 7));
  expect(commands.map(({ words }) => words.join(' '))).toEqual([
    'npm run build',
    `docker buildx build --platform=linux/amd64,linux/arm64 --file=${folder}/ml-service/Dockerfile --tag=${repository}:${tag} ` +
      `--label=org.opencontainers.image.revision=${sha} --label=org.opencontainers.image.source=https://github.com/unknowntpo/threads-nextjs ` +
      `--cache-from=type=registry,ref=${repository}:buildcache --cache-to=type=registry,ref=${repository}:buildcache,mode=max ` +
      `--push ${folder}/ml-service`,
    `trivy image --exit-code=1 --severity=HIGH,CRITICAL --ignore-unfixed ${repository}:${tag}`,
  ]);
  expect(commands[0]?.cwd).toBe(join(folder, 'ml-service'));
});

test('changes in the build context that are not committed are refused, those outside it are not', async () => {
  writeFileSync(join(folder, 'README.md'), 'draft\n');
  await planBuild(imageOf(threads, 'ml-service'), { folder, tags: 'short-sha', push: false });
  writeFileSync(join(folder, 'ml-service/main.py'), 'print()\n');
  await expect(
    planBuild(imageOf(threads, 'ml-service'), { folder, tags: 'short-sha', push: false }),
  ).rejects.toMatchObject({
    message: `the build context has uncommitted changes that are not in ${git('rev-parse', 'HEAD').slice(0, 7)}: ml-service/main.py; commit them first`,
    exitCode: 3,
  });
});

test('refuses a folder that is not a checkout', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'empty-'));
  await expect(planBuild(imageOf(threads, 'nextjs'), { folder: empty, tags: 'short-sha', push: true })).rejects.toThrow(
    `${empty} is not a git checkout with a commit: git rev-parse HEAD: `,
  );
  rmSync(empty, { recursive: true });
});
