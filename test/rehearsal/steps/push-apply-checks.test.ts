import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlatform } from '../../../platforms/load';
import { openGround } from '../../../rehearsal/ground';
import { life } from '../../../rehearsal/life';
import { Rehearsal } from '../../../rehearsal/rehearsal';
import type { KubernetesObject } from '../../../sandbox/world';
import {
  type Break,
  type Broken,
  changed,
  clusterOf,
  expectFailures,
  marker,
  objects,
  one,
  unready,
} from '../../helpers/broken-worlds';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(180_000);

// Google's client imports its fetch dynamically, which jest does not allow, unless a window has one.
Object.assign(globalThis, { window: { fetch } });

const folder = temporaryFolder();
const platform = loadPlatform('real-estate');
const steps = life(platform, 'local');
const APPLY = 'apply the owners of CRDs, then the overlay';

const BROKEN: Broken = {
  'placeholders in place of passwords are refused': [
    ['the passwords are in Git', passwordsInGit, /would be applied with the passwords of its templates/],
  ],
  'rolled out, every pod ready (simulated)': [
    ['a pod is not ready', unready('default'), /not ready in default: postgres-0 \(the probe fails\)/],
  ],
  'apply again: nothing changes': [
    ['the API server changes what was applied', scaled, /a second apply changed StatefulSet\/postgres/],
  ],
  'delete every pod: they come back, data kept': [
    [
      'a finalizer keeps the pod',
      kept('Pod', 'default'),
      /rollout status StatefulSet\/postgres .*: error: timed out waiting/,
    ],
    ['the volume is empty', marker(undefined), /data lost after the deletion of every pod: .* found none/],
  ],
  'delete the workloads and apply again: data kept': [
    ['the volume is empty', marker(undefined), /data lost after the deletion of the workloads: .* found none/],
  ],
  'delete workloads and claims: volumes go or stay by class': [
    ['a finalizer keeps the volume', kept('PersistentVolume'), /volumes left: .+; their classes say none/],
  ],
};

test('every check of push-apply fails in a world that breaks exactly what it checks, and passes when that is repaired', async () => {
  const clouds = await openGround(platform, 'local', { directory: join(folder, 'clouds') });
  try {
    const ground = { rehearsal: new Rehearsal(platform, 'local', clouds), sandbox: clouds.sandbox };
    await expectFailures(ground, steps, BROKEN);
  } finally {
    await clouds.close();
  }
});

function passwordsInGit({ rehearsal }: Parameters<Break>[0]): () => void {
  const checkout = join(rehearsal.ground.directory, 'checkout');
  for (const entry of readdirSync(join(checkout, 'k8s'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (/secret\.yaml$/.test(entry.name))
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('StrongBase64Password', 'a-password'));
  }
  return () => execFileSync('git', ['checkout', '--quiet', '.'], { cwd: checkout, env: rehearsal.ground.env });
}

/** Another replica count, which the next apply sets back. */
function scaled(ground: Parameters<Break>[0]): () => void {
  changed(ground, one(ground, 'StatefulSet', 'default'), { spec: { replicas: 0 } });
  return () => {};
}

/** A finalizer of a controller that does not run. Repaired, the object is gone and its workload is applied again. */
function kept(kind: string, namespace?: string): Break {
  return (ground) => {
    const [object] = objects(ground, kind, namespace) as [KubernetesObject];
    changed(ground, object, { metadata: { finalizers: ['example.com/keep'] } });
    return async () => {
      const found = objects(ground, kind, namespace).find(({ metadata }) => metadata.uid === object.metadata.uid);
      if (found) clusterOf(ground).drop(found);
      await ground.rehearsal.ground.settled();
      await steps.find(({ name }) => name === APPLY)?.run(ground.rehearsal);
    };
  };
}
