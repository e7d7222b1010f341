import { join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { openGround } from '../../rehearsal/ground';
import { life } from '../../rehearsal/life';
import { Rehearsal } from '../../rehearsal/rehearsal';
import type { Sandbox } from '../../sandbox/sandbox';
import type { KubernetesObject } from '../../sandbox/world';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(180_000);

// Google's client imports its fetch dynamically, which jest does not allow, unless a window has one.
Object.assign(globalThis, { window: { fetch } });

const folder = temporaryFolder();

interface Ground {
  readonly rehearsal: Rehearsal;
  readonly sandbox: Sandbox;
}

/** Breaks one thing, and returns how to repair it. */
type Break = (ground: Ground) => (() => void) | Promise<() => void>;

/** For each step that checks something: worlds in which exactly one thing is wrong, and the reason that the step must give. */
const BROKEN: Readonly<Record<string, readonly [what: string, wrong: Break, reason: RegExp][]>> = {
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
  const clouds = await openGround(platform, 'prod', join(folder, 'clouds'));
  const ground: Ground = { rehearsal: new Rehearsal(platform, 'prod', clouds), sandbox: clouds.sandbox };
  const seen: string[] = [];
  try {
    for (const step of life(platform, 'prod')) {
      for (const [what, wrong, reason] of BROKEN[step.name] ?? []) {
        const repair = await wrong(ground);
        let message = 'it passed';
        await ground.rehearsal.run(step).catch((error: Error) => {
          message = error.message;
        });
        expect(`${step.name}: ${what}: ${message}`).toMatch(reason);
        expect(ground.rehearsal.report.steps.at(-1)).toMatchObject({ name: step.name, ok: false });
        expect(ground.rehearsal.report.failure?.step).toBe(step.name);
        repair();
        seen.push(`${step.name}: ${what}`);
      }
      expect(await ground.rehearsal.run(step)).toMatchObject({ ok: true });
    }
  } finally {
    await clouds.close();
  }
  expect(seen).toEqual(Object.entries(BROKEN).flatMap(([step, rows]) => rows.map(([what]) => `${step}: ${what}`)));
});

function objects({ sandbox }: Ground, kind: string, namespace?: string): KubernetesObject[] {
  const [place] = sandbox.clusters.all();
  if (!place) throw new Error('there is no cluster yet');
  return Object.values(place.cluster.data.objects).filter(
    (object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
  );
}

function one(ground: Ground, kind: string, namespace: string): KubernetesObject {
  const [object] = objects(ground, kind, namespace);
  if (!object) throw new Error(`no ${kind} in ${namespace}`);
  return object;
}

/** Puts a value in place of another for as long as the world is broken. */
function put<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): () => void {
  const before = target[key];
  target[key] = value;
  return () => {
    target[key] = before;
  };
}

/** 18:15 UTC is 02:15 in Taipei. */
function atNight(namespace: string): Break {
  return (ground) => {
    const job = one(ground, 'CronJob', namespace) as KubernetesObject & { spec: { schedule: string } };
    return put(job.spec, 'schedule', '15 18 * * *');
  };
}

function status(part: 'sync' | 'health', value: object): Break {
  return (ground) => {
    const application = one(ground, 'Application', 'argocd') as KubernetesObject & { status: Record<string, object> };
    return put(application.status, part, value);
  };
}

function unready(namespace: string): Break {
  return (ground) => {
    const pod = one(ground, 'Pod', namespace) as KubernetesObject & { status: { conditions: object[] } };
    const conditions = [{ type: 'Ready', status: 'False', message: 'the probe fails' }];
    return put(pod.status, 'conditions', conditions);
  };
}

function withoutPods(namespace: string): Break {
  return (ground) => {
    const repairs = objects(ground, 'Pod', namespace).map((pod) =>
      put(pod['status'] as { phase: string }, 'phase', 'Succeeded'),
    );
    return () => {
      for (const repair of repairs) repair();
    };
  };
}

function replacedPod(namespace: string): Break {
  return (ground) => put(one(ground, 'Pod', namespace).metadata, 'uid', 'another-uid');
}

function marker(text: string | undefined): Break {
  return ({ rehearsal: { ground, namespace } }) => {
    const before = ground.readMarker(namespace);
    ground.writeMarker(namespace, text as string);
    return () => ground.writeMarker(namespace, before as string);
  };
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

/** Somebody changes a label of the VM behind terraform's back. */
function relabelled({ sandbox }: Ground): () => void {
  const [vm] = Object.values(sandbox.world.data.resources['google_compute_instance'] ?? {});
  if (!vm) throw new Error('there is no VM');
  return put(vm.values as Record<string, unknown>, 'labels', { changed: 'outside' });
}
