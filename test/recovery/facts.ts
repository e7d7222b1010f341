import type { IdentityRecord } from '../../recovery/identity-record';
import type { RestoreFacts } from '../../recovery/restore-facts';
import type { Snapshot } from '../../recovery/snapshots';

export const identity = {
  address: '10.10.0.10',
  nodeName: 'threads-prod-vm',
  certificateNames: ['10.10.0.10', 'threads-prod-vm', 'localhost', '127.0.0.1'],
};

export const record: IdentityRecord = {
  ...identity,
  serials: { 'vpc-prod': 3, 'k8s-prod': 2 },
  cluster: { id: 'c-1', volumes: [{ node: 'threads-prod-vm', policy: 'Retain', count: 2 }] },
};

export const owner = { platform: 'threads', environment: 'prod' };

/** A snapshot that can be restored, changed. */
export function snapshotWith(more: Partial<Snapshot> = {}): Snapshot {
  return {
    name: 'good',
    layer: '01-k8s',
    status: 'READY',
    createdAt: new Date('2026-01-05T02:00:00Z'),
    sourceDiskId: '17',
    sizeGb: 50,
    architecture: 'X86_64',
    labels: owner,
    record,
    ...more,
  };
}

/** Facts of a restore that every check passes, changed. */
export function factsWith(more: Partial<RestoreFacts> = {}): RestoreFacts {
  return {
    owner,
    now: new Date('2026-01-05T06:00:00Z'),
    from: 'latest',
    maxAgeHours: 26,
    snapshots: [snapshotWith()],
    diskId: '17',
    identity,
    target: {
      zone: 'us-east1-b',
      region: 'us-east1',
      disk: 'threads-prod-vm-boot-g2',
      sizeGb: 50,
      architecture: 'amd64',
      reclaimPolicy: 'Retain',
      vm: 'threads-prod-vm',
    },
    serials: { 'vpc-prod': 3, 'k8s-prod': 2 },
    present: { generation: 1 },
    homeZone: 'us-east1-b',
    cloud: {
      zone: { value: { status: 'UP', region: 'us-east1' } },
      address: { value: { address: '10.10.0.10', users: [] } },
      vm: { value: undefined },
      nextDisk: { value: undefined },
    },
    missingImages: { value: [] },
    ...more,
  };
}
