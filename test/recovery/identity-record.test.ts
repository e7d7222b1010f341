import {
  describeSnapshot,
  type IdentityRecord,
  identityDifferences,
  lastDeployed,
  layersSince,
  readIdentity,
  recordIn,
} from '../../recovery/identity-record';
import { assertProved } from '../../recovery/restore';

const identity = {
  address: '10.10.0.10',
  nodeName: 'threads-prod-vm',
  certificateNames: ['10.10.0.10', 'threads-prod-vm', 'localhost', '127.0.0.1'],
};
const record: IdentityRecord = { ...identity, serials: { 'vpc-prod': 3, 'k8s-prod': 2 } };

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
