import { imageRepository, type Registry, registryHost } from '../../../platforms/schema/registry';

const google = { project: 'shop-cloud' };

test.each<[Registry, string]>([
  [
    { kind: 'artifact-registry', location: 'us-east1', repository: 'shop', owner: 'prod' },
    'us-east1-docker.pkg.dev/shop-cloud/shop/web',
  ],
  [{ kind: 'docker-hub', organisation: 'acme', prefix: 'shop-' }, 'docker.io/acme/shop-web'],
  [{ kind: 'ghcr', owner: 'acme' }, 'ghcr.io/acme/web'],
])('an own image lies in the registry: %j', (registry, repository) => {
  expect(imageRepository({ google, registry }, 'web')).toBe(repository);
});

test('a public image is where its name says, whatever the registry', () => {
  const image = 'docker.io/library/postgres';
  expect(imageRepository({ google, registry: { kind: 'upstream' } }, image)).toBe(image);
});

test('a platform of upstream images has no registry', () => {
  expect(() => registryHost({ registry: { kind: 'upstream' } })).toThrow(
    'the platform has no registry: all its images are public',
  );
});
