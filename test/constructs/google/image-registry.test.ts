import { ImageRegistry } from '../../../constructs/google/image-registry';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const reader = 'serviceAccount:vm@p.iam.gserviceaccount.com';

function synth(owned: boolean): Json {
  const { resource } = synthScope(folder, (scope) => {
    const place = { project: 'p', location: 'us-east1', repository: 'threads' };
    new ImageRegistry(scope, 'images', { ...place, owned, reader, labels: {} });
  });
  return resource;
}

const only = (resources: Json): Json => Object.values(resources)[0];

test('old images are deleted, not only listed', () => {
  const { cleanup_policy_dry_run } = only(synth(true).google_artifact_registry_repository);
  expect(cleanup_policy_dry_run).toBe(false);
});

test('the policies keep what is deployed or pinned, and the last versions, and delete older ones', () => {
  const { cleanup_policies } = only(synth(true).google_artifact_registry_repository);
  const policies = (action: string) => cleanup_policies.filter((one: Json) => one.action === action);
  expect(policies('KEEP')).toEqual([
    expect.objectContaining({ condition: { tag_state: 'TAGGED', tag_prefixes: ['deployed-', 'pinned-'] } }),
    expect.objectContaining({ most_recent_versions: { keep_count: 20 } }),
  ]);
  expect(policies('DELETE').map(({ condition }: Json) => condition)).toEqual([
    { tag_state: 'UNTAGGED', older_than: '604800s' },
    { tag_state: 'ANY', older_than: '2592000s' },
  ]);
});

test('one identity may pull from it', () => {
  const { google_artifact_registry_repository: repositories, ...resource } = synth(true);
  expect(only(resource.google_artifact_registry_repository_iam_member)).toMatchObject({
    repository: `\${google_artifact_registry_repository.${Object.keys(repositories)[0]}.name}`,
    role: 'roles/artifactregistry.reader',
    member: reader,
  });
});

test('where another environment has made it, it is only read', () => {
  const resource = synth(false);
  expect(resource.google_artifact_registry_repository).toBeUndefined();
  expect(only(resource.google_artifact_registry_repository_iam_member)).toMatchObject({
    project: 'p',
    location: 'us-east1',
    repository: 'threads',
  });
});
