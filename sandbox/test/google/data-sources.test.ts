import { dataSources } from '../../google/data-sources';
import { secret } from '../../google/iam/service-accounts';
import type { Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { World } from '../../world';

let context: Context;
beforeEach(() => {
  const provider = { project: 'p', region: 'us-east1', zone: 'us-east1-b' };
  context = { world: World.inMemory(), provider, home: '/nonexistent' };
});
afterEach(() => context.world.clock.stop());

async function read(type: string, config: Values): Promise<Values> {
  const source = dataSources.find((one) => one.type === type);
  if (!source) throw new Error(`there is no data source ${type}`);
  return source.read(config, context);
}

test('the client is what the provider block says', async () => {
  expect(await read('google_client_config', {})).toMatchObject({
    project: 'p',
    region: 'us-east1',
    zone: 'us-east1-b',
  });
});

test('the default network is found, and no other', async () => {
  expect(await read('google_compute_network', { name: 'default', project: null })).toMatchObject({
    id: 'projects/p/global/networks/default',
  });
  await expect(read('google_compute_network', { name: 'other' })).rejects.toThrow('projects/p/global/networks/other');
});

test('a public image is found by its family', async () => {
  const image = await read('google_compute_image', { family: 'debian-12', project: 'debian-cloud' });
  expect(image['self_link']).toMatch(/projects\/debian-cloud\/global\/images\/debian-12-v\d{8}$/);
  await expect(read('google_compute_image', { family: 'debian-1', project: 'debian-cloud' })).rejects.toThrow(
    'debian-1',
  );
  await expect(read('google_compute_image', {})).rejects.toThrow('set exactly one of family, name');
});

test('the newest version of a secret is read, or one by its number', async () => {
  await secret.create({ secret_id: 's', project: 'p' }, context);
  const key = 'projects/p/secrets/s';
  await expect(read('google_secret_manager_secret_version', { secret: 's' })).rejects.toThrow(`${key}/versions/latest`);
  context.world.data.secretVersions[key] = ['one', 'two'].map((text) => Buffer.from(text).toString('base64'));
  expect(await read('google_secret_manager_secret_version', { secret: 's' })).toMatchObject({
    secret_data: 'two',
    version: '2',
  });
  expect(await read('google_secret_manager_secret_version', { secret: key, version: '1' })).toMatchObject({
    secret_data: 'one',
  });
});

test('the zones of a region', async () => {
  expect((await read('google_compute_zones', {}))['names']).toEqual(['us-east1-b', 'us-east1-c', 'us-east1-d']);
  await expect(read('google_compute_zones', { region: 'moon1' })).rejects.toThrow('regions/moon1');
});
