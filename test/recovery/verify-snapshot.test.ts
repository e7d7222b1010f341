import { problemsOf } from '../../recovery/verify-snapshot';
import { owner, snapshotWith } from './facts';

const expected = { owner, lineage: ['16', '17'], region: 'us-east1', sizeGb: 50, layer: '01-k8s' };
const good = { locations: ['us-east1'], labels: { ...owner, layer: '01-k8s' } };

test('a snapshot of the own disk with its size, labels and region has no problem', () => {
  expect(problemsOf(snapshotWith(good), expected)).toEqual([]);
});

test.each([
  ['that is not ready', { status: 'UPLOADING' }, 'is UPLOADING, not READY'],
  ['of another disk', { sourceDiskId: '99' }, 'is of disk 99, not 16 or 17'],
  ['of no disk', { sourceDiskId: '' }, 'is of disk unknown, not 16 or 17'],
  ['of another size', { sizeGb: 20 }, 'has 20 GB, its disk 50 GB'],
  ['of another layer', { labels: { ...owner, layer: '00-vpc' } }, 'has label layer 00-vpc, not 01-k8s'],
  [
    'of another environment',
    { labels: { ...good.labels, environment: 'staging' } },
    'has label environment staging, not prod',
  ],
  ['of another platform', { labels: { ...good.labels, platform: 'shop' } }, 'has label platform shop, not threads'],
  ['in another place', { locations: ['us'] }, 'is stored in us, not in us-east1'],
])('a snapshot %s has exactly that problem', (_, more, problem) => {
  expect(problemsOf(snapshotWith({ ...good, ...more }), expected)).toEqual([problem]);
});
