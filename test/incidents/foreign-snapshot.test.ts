import { chooseSnapshot } from '../../recovery/choose-snapshot';
import type { Snapshot } from '../../recovery/snapshots';

const owner = { platform: 'threads', environment: 'prod' };

function snapshot(name: string, day: number, sourceDiskId: string): Snapshot {
  const createdAt = new Date(Date.UTC(2026, 0, day));
  return { name, layer: '01-k8s', status: 'READY', createdAt, sourceDiskId, sizeGb: 50, labels: owner };
}

test('the newest snapshot with our labels is passed over when it is of a disk that was never ours', () => {
  const ours = snapshot('ours', 5, '17');
  expect(chooseSnapshot([ours, snapshot('theirs', 6, '99')], { owner, lineage: ['17'] })).toEqual({
    snapshot: ours,
    refused: [{ name: 'theirs', reason: 'was taken of disk 99, which this VM never had' }],
  });
});
