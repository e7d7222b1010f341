import { join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { openGround } from '../../rehearsal/ground';
import { life } from '../../rehearsal/life';
import { Rehearsal } from '../../rehearsal/rehearsal';
import {
  type Break,
  type Broken,
  changed,
  expectFailures,
  type Ground,
  marker,
  objects,
  one,
  put,
  unready,
} from '../helpers/broken-worlds';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(180_000);

// Google's client imports its fetch dynamically, which jest does not allow, unless a window has one.
Object.assign(globalThis, { window: { fetch } });

const folder = temporaryFolder();

const BROKEN: Broken = {
  'application admitted and scheduled (simulated)': [
    ['Argo CD has not synced', status('sync', { status: 'OutOfSync' }), /application threads is OutOfSync, not Synced/],
    [
      'Argo CD finds it degraded',
      status('health', { status: 'Degraded', message: 'no pods' }),
      /Degraded, not Healthy/,
    ],
    ['a pod of the application is not ready', unready('threads'), /are not ready|is not ready|not ready/],
    ['a pod of another namespace is not ready', unready('external-secrets-system'), /not ready/],
    ['all pods have ended', withoutPods('threads'), /namespace threads has no pods/],
    ['the backup is scheduled at night', atNight('threads'), /jobs that never run: threads\/postgres-backup \(15 18/],
  ],
  'the application keeps serving': [['a pod was replaced', replacedPod('threads'), /pods changed: before .*; now /]],
  '00-vpc is intact': [
    ['a resource has left the state', rememberedResource, /resources of 00-vpc changed/],
    ['a label was changed in the cloud', relabelled, /the plan of 00-vpc is not empty/],
  ],
  'the application is adopted, its data kept': [
    ['a pod was replaced', replacedPod('threads'), /pods changed/],
    ['the marker is gone', marker(undefined), /data lost after the layer rebuild: .* found none/],
    ['the marker is another', marker('second marker'), /data lost after the layer rebuild: .* found "second marker"/],
    ['Argo CD has not synced', status('sync', { status: 'OutOfSync' }), /OutOfSync, not Synced/],
  ],
  'the same VM: address and node name': [
    [
      'the address is another',
      remembered('vm_internal_ip', '10.10.0.99'),
      /address changed: before 10.10.0.99; now 10/,
    ],
    ['the node has another name', rememberedNode, /node changed: before other-node/],
  ],
  'the application is back, its data as old as the snapshot': [
    ['the disk came back empty', marker(undefined), /data lost after the disk restore: .* found none/],
    ['the disk is newer than the snapshot', marker('second marker'), /found "second marker"/],
    ['Argo CD finds it degraded', status('health', { status: 'Degraded' }), /Degraded, not Healthy/],
  ],
  'every plan is empty': [['a label was changed in the cloud', relabelled, /the plan of 00-vpc is not empty/]],
};

test('every check of a rehearsal fails in a world that breaks exactly what it checks, and passes when that is repaired', async () => {
  const platform = loadPlatform('threads');
  const clouds = await openGround(platform, 'prod', { directory: join(folder, 'clouds') });
  try {
    const ground = { rehearsal: new Rehearsal(platform, 'prod', clouds), sandbox: clouds.sandbox };
    await expectFailures(ground, life(platform, 'prod'), BROKEN);
  } finally {
    await clouds.close();
  }
});

/** 18:15 UTC is 02:15 in Taipei. */
function atNight(namespace: string): Break {
  return (ground) => changed(ground, one(ground, 'CronJob', namespace), { spec: { schedule: '15 18 * * *' } });
}

function status(part: 'sync' | 'health', value: object): Break {
  return (ground) => changed(ground, one(ground, 'Application', 'argocd'), { status: { [part]: value } });
}

function withoutPods(namespace: string): Break {
  return (ground) => {
    const repairs = objects(ground, 'Pod', namespace).map((pod) =>
      changed(ground, pod, { status: { phase: 'Succeeded' } }),
    );
    return () => {
      for (const repair of repairs) repair();
    };
  };
}

function replacedPod(namespace: string): Break {
  return (ground) => changed(ground, one(ground, 'Pod', namespace), { metadata: { uid: 'another-uid' } });
}

function remembered(output: string, value: string): Break {
  return ({ rehearsal: { memory } }) => put(memory, 'machine', { ...memory.machine, [output]: value });
}

function rememberedNode({ rehearsal: { memory } }: Ground): () => void {
  return put(memory, 'node', { nodeName: 'other-node', address: memory.node?.address ?? '' });
}

function rememberedResource({ rehearsal: { memory } }: Ground): () => void {
  const resources = [...(memory.cloudResources?.['00-vpc'] ?? []), 'google_compute_disk.lost'];
  return put(memory, 'cloudResources', { '00-vpc': resources });
}

/** A label of the VM is changed outside of terraform. */
function relabelled({ sandbox }: Ground): () => void {
  const [vm] = Object.values(sandbox.world.data.resources['google_compute_instance'] ?? {});
  if (!vm) throw new Error('there is no VM');
  return put(vm.values as Record<string, unknown>, 'labels', { changed: 'outside' });
}
