import { ComputeDisk } from '@cdktf/provider-google/lib/compute-disk';
import { SnapshotSchedule } from '../../../constructs/google/snapshot-schedule';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const labels = { platform: 'threads', environment: 'prod' };
const { resource } = synthScope(temporaryFolder(), (scope) => {
  const disk = new ComputeDisk(scope, 'disk', { name: 'threads-prod-vm-boot-g1' });
  new SnapshotSchedule(scope, 'snapshots', {
    name: 'threads-prod-snapshots',
    disk,
    at: '14:00',
    keepDays: 14,
    region: 'us-east1',
    labels,
  });
});
const [policy] = Object.values<Json>(resource.google_compute_resource_policy);

test('snapshots are taken once a day and outlive their disk', () => {
  expect(policy.snapshot_schedule_policy).toMatchObject({
    schedule: { daily_schedule: { days_in_cycle: 1, start_time: '14:00' } },
    retention_policy: { max_retention_days: 14, on_source_disk_delete: 'KEEP_AUTO_SNAPSHOTS' },
  });
});

test('snapshots carry the labels by which a restore finds its own, and stay in their region', () => {
  expect(policy.snapshot_schedule_policy.snapshot_properties).toMatchObject({
    labels,
    storage_locations: ['us-east1'],
  });
});

test('the schedule hangs on the disk', () => {
  const [disk] = Object.keys(resource.google_compute_disk);
  const [schedule] = Object.keys(resource.google_compute_resource_policy);
  expect(Object.values(resource.google_compute_disk_resource_policy_attachment)).toEqual([
    expect.objectContaining({
      disk: `\${google_compute_disk.${disk}.name}`,
      name: `\${google_compute_resource_policy.${schedule}.name}`,
    }),
  ]);
});
