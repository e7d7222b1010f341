import { BackupBucket } from '../../../constructs/google/backup-bucket';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const { resource }: Json = synthScope(temporaryFolder(), (scope) => {
  new BackupBucket(scope, 'backups', {
    name: 'p-threads-prod-backups',
    account: 'threads-prod-backup',
    region: 'us-east1',
    keepDays: 30,
    labels: { environment: 'prod' },
  });
});
const [bucket]: Json[] = Object.values(resource.google_storage_bucket);

test('dumps lie in the region of the VM, and nobody can make them public', () => {
  expect(bucket).toMatchObject({
    name: 'p-threads-prod-backups',
    location: 'us-east1',
    uniform_bucket_level_access: true,
    public_access_prevention: 'enforced',
    labels: { environment: 'prod' },
  });
});

test('a dump goes after its days, and so does what is left of an upload that broke off', () => {
  expect(bucket.lifecycle_rule).toEqual([
    { action: { type: 'Delete' }, condition: { age: 30 } },
    { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1 } },
  ]);
});

test('destroying the layer keeps the dumps, and a deleted dump can be restored for a week', () => {
  expect(bucket.force_destroy).toBe(false);
  expect(bucket.soft_delete_policy).toEqual({ retention_duration_seconds: 604_800 });
});

test('one service account adds and reads dumps, but can neither change nor delete them', () => {
  const [account] = Object.keys(resource.google_service_account);
  const grants: Json[] = Object.values(resource.google_storage_bucket_iam_member);
  expect(grants.map(({ role }) => role)).toEqual(['roles/storage.objectCreator', 'roles/storage.objectViewer']);
  for (const { member } of grants) expect(member).toBe(`\${google_service_account.${account}.member}`);
});

test('no key of that identity is in the state', () => {
  expect(Object.keys(resource).sort()).toEqual([
    'google_service_account',
    'google_storage_bucket',
    'google_storage_bucket_iam_member',
  ]);
});
