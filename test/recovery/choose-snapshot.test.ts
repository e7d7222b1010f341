import fc from 'fast-check';
import { chooseSnapshot } from '../../recovery/choose-snapshot';
import { snapshotName } from '../../recovery/snapshot-name';
import type { Snapshot } from '../../recovery/snapshots';

const OWNER = { platform: 'threads', environment: 'prod' };

function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    name: 'threads-prod-vm-01-k8s-20260105-020000',
    layer: '01-k8s',
    status: 'READY',
    createdAt: new Date('2026-01-05T02:00:00Z'),
    sourceDiskId: '17',
    sizeGb: 50,
    labels: OWNER,
    ...more,
  };
}

describe('a snapshot is passed over', () => {
  test.each<[string, Partial<Snapshot>, string]>([
    ['that is not ready', { status: 'UPLOADING' }, 'is UPLOADING, not READY'],
    ['that failed', { status: 'FAILED' }, 'is FAILED, not READY'],
    ['of another platform', { labels: { platform: 'other', environment: 'prod' } }, 'belongs to other-prod'],
    [
      'of another environment',
      { labels: { platform: 'threads', environment: 'staging' } },
      'belongs to threads-staging',
    ],
    ['without labels', { labels: {} }, 'belongs to unknown-unknown'],
    [
      'of a disk that only has the same labels',
      { sourceDiskId: '99' },
      'was taken of disk 99, which this VM never had',
    ],
  ])('%s', (_, more, reason) => {
    const choice = chooseSnapshot([snapshot(more)], { owner: OWNER, lineage: ['16', '17'] });
    expect(choice).toEqual({ snapshot: undefined, refused: [{ name: snapshot().name, reason }] });
  });

  test('if another one was requested, by name or by layer', () => {
    const wanted = { owner: OWNER, lineage: ['17'] };
    expect(chooseSnapshot([snapshot()], { ...wanted, name: 'other' })).toEqual({ snapshot: undefined, refused: [] });
    expect(chooseSnapshot([snapshot()], { ...wanted, layer: '00-vpc' }).refused[0]?.reason).toBe(
      'made after layer 01-k8s, not 00-vpc',
    );
  });
});

test('the newest that fits is chosen, whatever the order and whatever else there is', () => {
  const arbitrary = fc.record({
    name: fc.uuid(),
    status: fc.constantFrom('READY', 'CREATING', 'FAILED'),
    createdAt: fc.integer({ min: 0, max: 1000 }).map((minute) => new Date(minute * 60_000)),
    sourceDiskId: fc.constantFrom('16', '17', '99'),
    labels: fc.constantFrom<Record<string, string>>(OWNER, {}, { platform: 'threads', environment: 'staging' }),
  });
  fc.assert(
    fc.property(fc.array(arbitrary), (all) => {
      const { snapshot: chosen, refused } = chooseSnapshot(all.map(snapshot), { owner: OWNER, lineage: ['16', '17'] });
      const fitting = all.filter((s) => s.status === 'READY' && s.sourceDiskId !== '99' && s.labels === OWNER);
      expect(refused).toHaveLength(all.length - fitting.length);
      expect(chosen?.createdAt.getTime()).toBe(
        fitting.length ? Math.max(...fitting.map((s) => s.createdAt.getTime())) : undefined,
      );
    }),
  );
});

test.each([
  ['00-vpc', 'snapshot-00-vpc-20251031-151137'],
  ['01-k8s', 'threads-prod-vm-01-k8s-20251031-151137'],
  ['02-argocd-app', 'threads-prod-vm-02-argocd-app-20251031-151137'],
])('a snapshot after %s is called %s', (layer, name) => {
  expect(snapshotName(layer, 'threads-prod-vm', new Date('2025-10-31T15:11:37.400Z'))).toBe(name);
});
