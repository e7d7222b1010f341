import { temporaryFolder } from '../../helpers/synth';
import { Scene } from './scene';

const folder = temporaryFolder();
let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open(
    {
      platform: 'real-estate',
      env: 'dev',
      service: 'postgres',
      image: 'docker.io/postgis/postgis',
      tag: '18-3.6',
      folder: 'k8s/real-estate/hetzner/dev',
    },
    folder,
  );
  scene.push('18-3.7');
});
afterAll(() => scene.close());

test('a published tag of an upstream image is delivered where its entry is, without a build or a tag in the registry', async () => {
  expect(await scene.ship('18-3.7')).toMatchObject({
    service: 'postgres',
    env: 'dev',
    tag: '18-3.7',
    outcome: 'rolled out',
  });
  expect(await scene.file()).toContain('newTag: 18-3.7');
  expect(scene.registry.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
});

test('an older version is refused, and pinned by a rollback', async () => {
  await expect(scene.ship('18-3.6')).rejects.toThrow(
    'postgres in real-estate dev: the deployed 18-3.7 is newer than 18-3.6: this would be a rollback. Pin the tag instead: npm run tag -- pin --env dev --service postgres --tag 18-3.6',
  );
  expect(await scene.rollBack('18-3.6')).toMatchObject({ from: '18-3.7', to: '18-3.6', outcome: 'rolled out' });
  expect(await scene.file('pins.yaml')).toContain('it is slow');
});

test('a tag that was never published is refused before anything is written', async () => {
  await expect(scene.ship('18-3.99')).rejects.toThrow('docker.io/postgis/postgis:18-3.99 is not in the registry');
});

test('without a tag there is nothing to build', async () => {
  await expect(scene.ship('')).rejects.toThrow(
    'service "postgres" of platform "real-estate" runs an upstream image, which is not built here; deploy a published tag with: npm run ship -- postgres --tag TAG',
  );
});
