import {
  describeSnapshot,
  type IdentityRecord,
  identityDifferences,
  lastDeployed,
  layersSince,
  readIdentity,
  recordIn,
} from '../../recovery/identity-record';
import { assertProved, planRestore, type RestoreRequest } from '../../recovery/restore';
import type { Snapshot } from '../../recovery/snapshots';

const identity = {
  address: '10.10.0.10',
  nodeName: 'threads-prod-vm',
  certificateNames: ['10.10.0.10', 'threads-prod-vm', 'localhost', '127.0.0.1'],
};
const record: IdentityRecord = { ...identity, serials: { 'vpc-prod': 3, 'k8s-prod': 2 } };
const owner = { platform: 'threads', environment: 'prod' };

function planFrom(more: Partial<Snapshot>, asked: Partial<RestoreRequest> = {}) {
  const snapshot: Snapshot = {
    name: 'threads-prod-vm-01-k8s-20260105-020000',
    layer: '01-k8s',
    status: 'READY',
    createdAt: new Date('2026-01-05T02:00:00Z'),
    sourceDiskId: '17',
    sizeGb: 50,
    labels: owner,
    ...more,
  };
  const request: RestoreRequest = {
    owner,
    snapshots: [snapshot],
    diskId: '17',
    identity,
    serials: { 'vpc-prod': 3, 'k8s-prod': 5, 'argocd-app-prod': 1 },
    present: { generation: 1 },
    ...asked,
  };
  return planRestore(request);
}

describe('the record of a snapshot', () => {
  test('is read back from its description, which Google allows: 2048 characters', () => {
    const description = describeSnapshot('01-k8s', record);
    expect(description).toMatch(/^after layer 01-k8s was applied; identity \{/);
    expect(description.length).toBeLessThan(2048);
    expect(recordIn(description)).toEqual(record);
  });

  test.each([
    ['nothing', ''],
    ['words of somebody', 'before the upgrade; identity unknown'],
    ['half a record', 'after layer 01-k8s was applied; identity {"address":"10.10.0.10"}'],
    ['a record that was cut off', describeSnapshot('01-k8s', record).slice(0, -10)],
  ])('is none where the description holds %s', (_, description) => {
    expect(recordIn(description)).toBeUndefined();
  });
});

describe('the layer that a snapshot is made after', () => {
  const layers = ['00-vpc', '01-k8s', '02-argocd-app'];
  const stacks = (...counts: number[]) =>
    counts.map((count, index) => ({
      id: `stack-${index}`,
      resources: async () => Array(count).fill('a.b'),
    })) as never[];

  test.each([
    ['00-vpc', [55, 0, 0]],
    ['01-k8s', [55, 13, 0]],
    ['02-argocd-app', [55, 13, 2]],
  ])('is %s where the states hold %j resources', async (layer, counts) => {
    expect(await lastDeployed(layers, stacks(...counts))).toBe(layer);
  });

  test('is none where nothing is deployed', async () => {
    await expect(lastDeployed(layers, stacks(0, 0, 0))).rejects.toThrow(
      'no layer is deployed: stack-0, stack-1, stack-2 have no resources; deploy stack-0 first',
    );
  });
});

describe('the identity of a VM', () => {
  const outputs = { vm_internal_ip: '10.10.0.10', node_name: 'threads-prod-vm', certificate_names: 'a,b' };
  const stacks = (values: object, ...serials: number[]) =>
    serials.map((serial, index) => ({
      id: `stack-${index}`,
      outputs: async () => values,
      serial: async () => serial,
    })) as never[];

  test('is what 00-vpc exports, with the serial numbers of the layers that were deployed', async () => {
    expect(await readIdentity(stacks(outputs, 3, 2, 0))).toEqual({
      address: '10.10.0.10',
      nodeName: 'threads-prod-vm',
      certificateNames: ['a', 'b'],
      serials: { 'stack-0': 3, 'stack-1': 2 },
    });
  });

  test.each(Object.keys(outputs))('is not known without output %s', async (name) => {
    await expect(readIdentity(stacks({ ...outputs, [name]: undefined }, 1))).rejects.toThrow(
      'the state of stack-0 lacks the identity of its VM',
    );
  });
});

describe('an identity', () => {
  test('differs by address, node name and names in the certificate, each in its own line', () => {
    expect(
      identityDifferences(identity, { address: '10.0.0.2', nodeName: 'vm', certificateNames: ['10.0.0.2'] }),
    ).toEqual([
      'address is 10.0.0.2, not 10.10.0.10',
      'node name is vm, not threads-prod-vm',
      'names in the certificate are 10.0.0.2, not 10.10.0.10, threads-prod-vm, localhost, 127.0.0.1',
    ]);
  });

  test('does not differ by what was not looked at', () => {
    const { nodeName, address } = identity;
    expect(identityDifferences(identity, { nodeName, address })).toEqual([]);
  });
});

test('layers that were written, made or set back since a snapshot are named', () => {
  expect(layersSince(record, { 'vpc-prod': 2, 'k8s-prod': 2, 'argocd-app-prod': 1 })).toEqual([
    'state of vpc-prod is older than the snapshot: serial 3 at the snapshot, 2 now',
    'state of argocd-app-prod was written since: serial 0 at the snapshot, 1 now',
  ]);
});

describe('a restore', () => {
  test('names what the layers have gone through since', () => {
    const { restore, notes } = planFrom({ record });
    expect(restore).toMatchObject({ generation: 2, snapshot: 'threads-prod-vm-01-k8s-20260105-020000' });
    expect(notes).toEqual([
      'state of k8s-prod was written since: serial 2 at the snapshot, 5 now',
      'state of argocd-app-prod was written since: serial 0 at the snapshot, 1 now',
    ]);
  });

  test('from a scheduled snapshot continues and says what it did not compare', () => {
    expect(planFrom({}).notes).toEqual([
      'it has no record of its VM, like all scheduled snapshots: address, names and layers were not compared',
    ]);
  });

  test('remembers every disk that the VM has had: snapshots of each are its own', () => {
    const present = { generation: 3, snapshot: 's', lineage: ['16', '15'] };
    expect(planFrom({ sourceDiskId: '15' }, { present }).restore.lineage).toEqual(['17', '16', '15']);
    expect(planFrom({}, { present: { ...present, lineage: ['17', '16'] } }).restore.lineage).toEqual(['17', '16']);
    expect(() => planFrom({ sourceDiskId: '14' }, { present })).toThrow('no snapshot to restore');
  });

  test('after one that was not finished remembers the earliest disk, and what else was decided', () => {
    const present = { generation: 3, snapshot: 's', previous: { generation: 1 }, watchdogPaused: true };
    expect(planFrom({}, { present }).restore).toMatchObject({
      generation: 4,
      previous: { generation: 1 },
      watchdogPaused: true,
    });
  });

  test('after one that is finished is not finished itself', () => {
    const present = { generation: 2, snapshot: 's', finished: true };
    expect(planFrom({}, { present }).restore).toEqual(
      expect.objectContaining({ generation: 3, previous: { generation: 2 }, finished: undefined }),
    );
  });

  test.each([
    ['a name that no snapshot has', [{}, { name: 'typo' }], 'none has the name typo'],
    [
      'the name of one that does not fit',
      [{ name: 'alien', sourceDiskId: '18' }, { name: 'alien' }],
      'alien was taken of disk 18, which this VM never had',
    ],
  ] as const)('by %s is refused, and says nothing of others', (_, [snapshot, asked], reason) => {
    expect(() => planFrom(snapshot, asked)).toThrow(
      expect.objectContaining({
        exitCode: 3,
        message: `no snapshot to restore threads prod from\n  ${reason}\nlist them with: npm run snapshot -- list --platform threads --env prod`,
      }),
    );
  });

  test('of a VM that would come back as another is refused', () => {
    expect(() => planFrom({ record: { ...record, address: '10.10.0.9' } })).toThrow(
      expect.objectContaining({
        exitCode: 3,
        message:
          'snapshot threads-prod-vm-01-k8s-20260105-020000 is of a VM with another identity than this platform would create:\n' +
          '  address is 10.10.0.9, not 10.10.0.10\n' +
          'undo these changes in platforms/threads/platform.ts, restore, and make them again afterwards; or choose another snapshot with --snapshot',
      }),
    );
  });
});

describe('the disk from before a restore', () => {
  const kept = { env: 'prod', disks: ['threads-prod-vm-boot-g1'], identity };
  const said = (problem: string) =>
    `disk threads-prod-vm-boot-g1 was not deleted: the restored VM failed its identity check:\n  ${problem}\n` +
    'check the VM, and finish the restore through a tunnel: npm run tunnel -- prod npm run restore -- --env prod --finish';

  test('may go when the restored node answers by its old name and address', async () => {
    const { nodeName, address } = identity;
    await expect(assertProved(kept, async () => ({ nodeName, address }))).resolves.toBeUndefined();
  });

  test('is kept with those that restores in between have left', async () => {
    const disks = ['threads-prod-vm-boot-g1', 'threads-prod-vm-boot-g2'];
    await expect(assertProved({ ...kept, disks }, async () => ({ nodeName: 'vm' }))).rejects.toThrow(
      'disks threads-prod-vm-boot-g1, threads-prod-vm-boot-g2 were not deleted: the restored VM failed its identity check',
    );
  });

  test('is kept when another node answers, or none', async () => {
    await expect(assertProved(kept, async () => ({ nodeName: 'vm' }))).rejects.toMatchObject({
      exitCode: 3,
      message: said('node name is vm, not threads-prod-vm'),
    });
    await expect(assertProved(kept, () => Promise.reject(new Error('connection refused')))).rejects.toMatchObject({
      exitCode: 3,
      message: said('connection refused'),
    });
  });
});
