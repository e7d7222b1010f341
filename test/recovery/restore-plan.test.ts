import fc from 'fast-check';
import { abandonRestore, leftDisks } from '../../recovery/restore';
import { ALLOWABLE, type RestoreFacts } from '../../recovery/restore-facts';
import { assertRestorable, planRestore } from '../../recovery/restore-plan';
import type { Snapshot } from '../../recovery/snapshots';
import { factsWith, identity, owner, record, snapshotWith } from './facts';

const of = (more: Partial<Snapshot>) => ({ snapshots: [snapshotWith(more)] });
const withRecord = (more: Partial<typeof record>) => of({ record: { ...record, ...more } });
const withTarget = (more: Partial<RestoreFacts['target']>) => ({ target: { ...factsWith().target, ...more } });
const withCloud = (more: Partial<RestoreFacts['cloud']>) => ({ cloud: { ...factsWith().cloud, ...more } });
const withVolumes = (...volumes: { node: string; policy: string; count: number }[]) =>
  withRecord({ cluster: { id: 'c-1', volumes } });

/** Plans a restore and stops where a check refuses. */
const restore = (facts: Partial<RestoreFacts>, allowed: readonly string[] = []) => {
  const plan = planRestore(factsWith(facts));
  assertRestorable(plan, allowed);
  return plan;
};

test('a restore that nothing speaks against passes every check, and says which are left for the restored VM', () => {
  const { checks, restore: choice } = restore({});
  expect(checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([
    expect.objectContaining({ subject: 'cluster', source: 'after boot', outcome: 'later' }),
  ]);
  expect(choice).toEqual({ generation: 2, snapshot: 'good', previous: { generation: 1 }, lineage: ['17'] });
});

const none = (reason: string) =>
  `no snapshot to restore threads prod from\n  ${reason}\nlist them with: npm run snapshot -- list --platform threads --env prod`;
const undo =
  'undo this change in platforms/threads/platform.ts, restore, and make it again afterwards; or choose another snapshot with --from';
const otherZone =
  'choose another zone of us-east1 with --zone; see: gcloud compute zones list --filter=region:us-east1';
const versions =
  'bring back the version of the state with that serial from the bucket, or restore with --allow "layer states" and import what exists';

describe('no snapshot is restored', () => {
  test.each<[string, Partial<RestoreFacts>, string]>([
    ['where there is none', { snapshots: [] }, 'none has its labels'],
    ['by a name that no snapshot has', { from: { name: 'typo' } }, 'none has the name typo'],
    ['of another disk', of({ sourceDiskId: '99' }), 'good was taken of disk 99, which this VM never had'],
    [
      'that is named, and of another disk',
      { ...of({ sourceDiskId: '99' }), from: { name: 'good' } },
      'good was taken of disk 99, which this VM never had',
    ],
    [
      'where the state has lost the id of the disk',
      { diskId: undefined },
      'good was taken of disk 17, which this VM never had',
    ],
    ['of another environment', of({ labels: { ...owner, environment: 'staging' } }), 'good belongs to threads-staging'],
    ['of another platform', of({ labels: { ...owner, platform: 'shop' } }), 'good belongs to shop-prod'],
    ['without labels', of({ labels: {} }), 'good belongs to unknown-unknown'],
    ['that is being created', of({ status: 'CREATING' }), 'good is CREATING, not READY'],
    ['that is being uploaded', of({ status: 'UPLOADING' }), 'good is UPLOADING, not READY'],
    ['that has failed', of({ status: 'FAILED' }), 'good is FAILED, not READY'],
    ['that is being deleted', of({ status: 'DELETING' }), 'good is DELETING, not READY'],
    ['made after another layer', { layer: '02-argocd-app' }, 'good made after layer 01-k8s, not 02-argocd-app'],
    [
      'that is newer than the wanted time',
      { from: { before: new Date('2026-01-05T01:00:00Z') } },
      'good was taken at 2026-01-05T02:00:00.000Z, after 2026-01-05T01:00:00.000Z',
    ],
  ])('%s', (_, facts, reason) => {
    expect(() => restore(facts)).toThrow(expect.objectContaining({ exitCode: 3, message: none(reason) }));
  });
});

describe('a snapshot is not restored', () => {
  test.each<[string, Partial<RestoreFacts>, string]>([
    [
      'when its data is too old',
      { now: new Date('2026-01-07T02:00:00Z') },
      'age: taken 2026-01-05T02:00:00.000Z, 48 h 0 min before now; at most 26 h 0 min is wanted; use --max-age 48 if no newer data can be had',
    ],
    [
      'when it is too long before the wanted time',
      { from: { before: new Date('2026-01-06T05:30:00Z') }, maxAgeHours: 1 },
      'age: taken 2026-01-05T02:00:00.000Z, 27 h 30 min before 2026-01-06T05:30:00.000Z; at most 1 h 0 min is wanted; use --max-age 28 if no newer data can be had',
    ],
    [
      'when it is larger than the disk',
      of({ sizeGb: 80 }),
      'size: 80 GB do not fit on a disk of 50 GB; set disk.sizeGb to at least 80 in platforms/threads/platform.ts',
    ],
    [
      'when its disk is of another architecture',
      of({ architecture: 'ARM64' }),
      'architecture: the disk is arm64, the machine type is amd64; choose a machine type of the same architecture, or another snapshot',
    ],
    [
      'when the VM had another address',
      withRecord({ address: '10.10.0.9' }),
      `address: is 10.10.0.9 in the snapshot, but would be 10.10.0.10; ${undo}`,
    ],
    [
      'when the reservation is of another address',
      withCloud({ address: { value: { address: '10.10.0.7', users: [] } } }),
      'address: the reservation is of 10.10.0.7, not 10.10.0.10; correct network.address in the platform',
    ],
    [
      'when another VM uses the address',
      withCloud({ address: { value: { address: '10.10.0.10', users: ['intruder'] } } }),
      'address: 10.10.0.10 is used by intruder; delete that VM, or give it another address',
    ],
    [
      'when the node had another name',
      withRecord({ nodeName: 'vm' }),
      `node name: is vm in the snapshot, but would be threads-prod-vm; ${undo}`,
    ],
    [
      'when the certificate has another name',
      withRecord({ certificateNames: [...identity.certificateNames, 'k8s.example.com'] }),
      `certificate names: is 10.10.0.10, threads-prod-vm, localhost, 127.0.0.1, k8s.example.com in the snapshot, but would be 10.10.0.10, threads-prod-vm, localhost, 127.0.0.1; ${undo}`,
    ],
    [
      'when kubeconfigs could not reach it',
      {
        ...withRecord({ certificateNames: ['10.10.0.10'] }),
        identity: { ...identity, certificateNames: ['10.10.0.10'] },
      },
      'kubeconfig endpoint: 127.0.0.1 and localhost, through which kubeconfigs reach the cluster, are not in its certificate; choose another snapshot with --from',
    ],
    [
      'when its volumes are bound to another node',
      withVolumes({ node: 'old-vm', policy: 'Retain', count: 3 }),
      'volume affinity: volumes are bound to another node than threads-prod-vm: 3 to old-vm; no pod could use them; choose another snapshot with --from',
    ],
    [
      'when its volumes are bound to no node',
      withVolumes({ node: '', policy: 'Retain', count: 1 }),
      'volume affinity: volumes are bound to another node than threads-prod-vm: 1 to no node; no pod could use them; choose another snapshot with --from',
    ],
    [
      'when its volumes would be deleted with their claims',
      withVolumes({ node: 'threads-prod-vm', policy: 'Delete', count: 2 }),
      'reclaim policy: of 2 volumes, 2 have Delete, not Retain: a claim that is deleted deletes its data; ' +
        'after the restore, run kubectl patch pv NAME -p \'{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}\'; restore with --allow "reclaim policy"',
    ],
    [
      'when a state is older than it',
      { serials: { 'vpc-prod': 3, 'k8s-prod': 1 } },
      `layer states: the state of k8s-prod is older than the snapshot (serial 1, then 2): what was applied in between is in the cluster and not in the state; ${versions}`,
    ],
    [
      'when a state is lost',
      { serials: { 'vpc-prod': 3 } },
      `layer states: k8s-prod has no state, but had serial 2 at the snapshot: its resources are in the cluster and in no state; ${versions}`,
    ],
    [
      'when the registry lacks an image',
      { missingImages: { value: ['r/nextjs:1', 'r/ml:2'] } },
      'images: the registry lacks r/nextjs:1, r/ml:2; build and push them, or restore with --allow images and ship other ones',
    ],
    [
      'into a zone that is lost',
      withCloud({ zone: { value: { status: 'DOWN', region: 'us-east1' } } }),
      `zone: zone us-east1-b is DOWN; ${otherZone}`,
    ],
    [
      'into a zone that does not exist',
      { ...withTarget({ zone: 'us-east1-z' }), ...withCloud({ zone: { value: undefined } }) },
      `zone: zone us-east1-z does not exist; ${otherZone}`,
    ],
    [
      'into a zone of another region',
      {
        ...withTarget({ zone: 'us-west1-a' }),
        ...withCloud({ zone: { value: { status: 'UP', region: 'us-west1' } } }),
      },
      `zone: zone us-west1-a is in region us-west1, but network and address of prod are in us-east1; ${otherZone}`,
    ],
    [
      'when an interrupted restore has left a disk',
      withCloud({ nextDisk: { value: '23' } }),
      'next disk: disk threads-prod-vm-boot-g2 already exists, with id 23; an interrupted restore has left it: delete it with gcloud compute disks delete threads-prod-vm-boot-g2 --zone us-east1-b, or continue that restore with npm run restore -- --env prod',
    ],
  ])('%s', (_, facts, reason) => {
    expect(() => restore(facts)).toThrow(
      expect.objectContaining({ exitCode: 3, message: `snapshot good is not restored:\n  ${reason}` }),
    );
  });

  test('with every reason at once', () => {
    const facts = { ...of({ sizeGb: 80, architecture: 'ARM64' }), missingImages: { value: ['r/a:1'] } };
    expect(() => restore(facts)).toThrow(/restored:\n {2}size: .*\n {2}architecture: .*\n {2}images: .*$/);
  });
});

describe('a check may be overruled', () => {
  const broken: Record<(typeof ALLOWABLE)[number], Partial<RestoreFacts>> = {
    age: { maxAgeHours: 1 },
    'reclaim policy': withVolumes({ node: 'threads-prod-vm', policy: 'Delete', count: 1 }),
    'layer states': { serials: {} },
    images: { missingImages: { value: ['r/a:1'] } },
  };

  test.each(ALLOWABLE)('%s, since only data or time is at stake', (subject) => {
    expect(() => restore(broken[subject])).toThrow(`\n  ${subject}: `);
    expect(restore(broken[subject], [subject]).snapshot.name).toBe('good');
  });

  test('but not one that protects the identity of the VM', () => {
    expect(() => restore(withRecord({ nodeName: 'vm' }), ['node name'])).toThrow('\n  node name: ');
  });

  test('and not another one with it', () => {
    expect(() => restore({ ...broken.images, ...broken.age }, ['images'])).toThrow('\n  age: ');
  });
});

describe('what prevents nothing is noted', () => {
  const notes = (facts: Partial<RestoreFacts>) =>
    restore(facts)
      .checks.filter(({ outcome }) => outcome === 'note')
      .map(({ subject, finding }) => `${subject}: ${finding}`);

  test('layers that were applied since', () => {
    expect(notes({ serials: { 'vpc-prod': 3, 'k8s-prod': 5, 'argocd-app-prod': 1 } })).toEqual([
      'layer states: state of k8s-prod was written since: serial 2 at the snapshot, 5 now; ' +
        'state of argocd-app-prod was written since: serial 0 at the snapshot, 1 now: applied again after the boot',
    ]);
  });

  test('what a scheduled snapshot cannot say', () => {
    const found = notes(of({ record: undefined, architecture: undefined }));
    expect(found.map((line) => line.split(':')[0])).toEqual([
      'architecture',
      'address',
      'node name',
      'certificate names',
      'kubeconfig endpoint',
      'volume affinity',
      'reclaim policy',
      'layer states',
    ]);
  });

  test('what could not be read', () => {
    const problem = { problem: 'connection refused' };
    expect(
      notes({ cloud: { zone: problem, address: problem, vm: problem, nextDisk: problem }, missingImages: problem }),
    ).toEqual(
      ['zone', 'next disk', 'images', 'present VM'].map((one) => `${one}: could not be read: connection refused`),
    );
  });

  test('a VM that still runs', () => {
    expect(notes(withCloud({ vm: { value: 'RUNNING' } }))).toEqual([
      'present VM: threads-prod-vm is RUNNING; what it has written since the snapshot stays on its disk until --finish',
    ]);
  });
});

describe('the choice', () => {
  test('of a name accepts its age', () => {
    expect(restore({ from: { name: 'good' }, maxAgeHours: 1 }).snapshot.name).toBe('good');
  });

  test('of a time is the newest until then', () => {
    const snapshots = [3, 4, 5].map((day) =>
      snapshotWith({ name: `d${day}`, createdAt: new Date(Date.UTC(2026, 0, day)) }),
    );
    expect(restore({ snapshots, from: { before: new Date('2026-01-04T10:00:00Z') } }).snapshot.name).toBe('d4');
  });

  test('remembers every disk that the VM has had, and the snapshot and zone of the earliest that may still exist', () => {
    const present = { generation: 3, snapshot: 's', zone: 'us-east1-c', lineage: ['16', '15'] };
    expect(restore({ ...of({ sourceDiskId: '15' }), present }).restore).toMatchObject({
      generation: 4,
      lineage: ['17', '16', '15'],
      previous: { generation: 3, snapshot: 's', zone: 'us-east1-c' },
    });
  });

  test('after a restore that was not finished keeps the earliest disk, and what else was decided', () => {
    const present = { generation: 3, snapshot: 's', previous: { generation: 1 }, watchdogPaused: true };
    expect(restore({ present }).restore).toMatchObject({
      generation: 4,
      previous: { generation: 1 },
      watchdogPaused: true,
    });
  });

  test('after a finished restore is not finished itself', () => {
    expect(restore({ present: { generation: 2, snapshot: 's', finished: true } }).restore.finished).toBeUndefined();
  });

  test('of another zone is written, and of the own zone is not', () => {
    const elsewhere = { ...withTarget({ zone: 'us-east1-c' }) };
    expect(restore(elsewhere).restore.zone).toBe('us-east1-c');
    expect(restore({ present: { generation: 2, snapshot: 's', zone: 'us-east1-c' } }).restore.zone).toBeUndefined();
  });
});

describe('for any history of restores', () => {
  const history = fc.array(fc.constantFrom('restore', 'finish', 'abandon'), { maxLength: 12 });

  test('no disk that exists is forgotten, none in use is deleted, and no name is used twice', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let present: RestoreFacts['present'] = { generation: 1 };
        const disks = new Set([1]);
        for (const step of steps) {
          if (step === 'restore') {
            present = restore({ present }).restore;
            expect(disks).not.toContain(present.generation);
            disks.add(present.generation);
          } else if (step === 'abandon') {
            if (!present.previous) continue;
            present = abandonRestore(present, 'prod');
            expect(disks).toContain(present.generation);
          } else {
            for (const { generation } of leftDisks(present, 'us-east1-b')) disks.delete(generation);
            present = { ...present, previous: undefined, abandoned: undefined, finished: true };
            expect([...disks]).toEqual([present.generation]);
          }
          const left = leftDisks(present, 'us-east1-b').map(({ generation }) => generation);
          expect(new Set([...left, present.generation])).toEqual(disks);
        }
      }),
    );
  });

  test('only a snapshot of the own disks is ever restored, whatever its labels', () => {
    const any = fc.record({
      name: fc.uuid(),
      sourceDiskId: fc.constantFrom('15', '17', '99'),
      status: fc.constantFrom('READY', 'CREATING', 'FAILED'),
      createdAt: fc.integer({ min: 0, max: 240 }).map((minutes) => new Date(Date.UTC(2026, 0, 5, 2, minutes))),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1 }), (all) => {
        const facts = { snapshots: all.map(snapshotWith), present: { generation: 2, snapshot: 's', lineage: ['15'] } };
        const fitting = all.filter(({ status, sourceDiskId }) => status === 'READY' && sourceDiskId !== '99');
        if (fitting.length === 0) expect(() => restore(facts)).toThrow('no snapshot to restore');
        else
          expect(restore(facts).snapshot.createdAt.getTime()).toBe(
            Math.max(...fitting.map((one) => one.createdAt.getTime())),
          );
      }),
    );
  });
});

describe('a restore that is abandoned', () => {
  test('returns to the earlier disk, its snapshot and its zone, and remembers the disk that it leaves', () => {
    const present = {
      generation: 3,
      snapshot: 'new',
      zone: 'us-east1-c',
      previous: { generation: 2, snapshot: 'old' },
      lineage: ['17'],
    };
    expect(abandonRestore(present, 'prod')).toEqual({
      generation: 2,
      snapshot: 'old',
      finished: true,
      abandoned: { generation: 3, zone: 'us-east1-c' },
      lineage: ['17'],
    });
  });

  test('needs an earlier disk', () => {
    expect(() => abandonRestore({ generation: 2, snapshot: 's', finished: true }, 'prod')).toThrow(
      'nothing to abandon: restore.json lists no earlier disk of prod; restore from a snapshot with --from',
    );
  });

  test('leaves its disks to --finish, in every zone that they may be in', () => {
    expect(leftDisks({ generation: 1, abandoned: { generation: 3, zone: 'us-east1-c' } }, 'us-east1-b')).toEqual([
      { generation: 2, zones: ['us-east1-b', 'us-east1-c'] },
      { generation: 3, zones: ['us-east1-b', 'us-east1-c'] },
    ]);
  });
});
