import { VPC } from '../../contracts/vpc';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { layersOf } from '../../platforms/schema/environment';
import { readRestores } from '../../platforms/schema/restore';
import { MAX_AGE_HOURS, readFacts } from '../../recovery/read-facts';
import { writeRestore } from '../../recovery/restore';
import { assertRestorable, planRestore } from '../../recovery/restore-plan';
import { restorePath } from '../critical-path';
import { recall } from '../memory';
import type { Step } from '../rehearsal';
import { assertMarker, assertSame } from './assertions';
import { deploy, fetchKubeconfig, snapshotAfter } from './bring-up';

/**
 * The VM and its disk are lost and restored from a snapshot with the same address and node name. The data is as old as the
 * snapshot.
 */
export function diskRestore(platform: Platform, env: string): Step[] {
  const last = layersOf(platform, env).at(-1);
  if (environmentOf(platform, env).cluster.kind !== 'k0s-vm' || !last) return [];
  return [
    snapshotAfter(last),
    LOSE_THE_MACHINE,
    CHOOSE_A_SNAPSHOT,
    deploy(VPC.layer, `restore ${VPC.layer} from the snapshot`),
    SAME_MACHINE,
    DATA_IS_BACK,
  ];
}

const LOSE_THE_MACHINE: Step = {
  name: 'write a newer marker, lose the VM and its disk',
  run: async (r) => {
    r.memory.machine = await r.stack(VPC.layer).outputs();
    r.memory.node = await r.application().node();
    await r.ground.writeMarker(r.namespace, 'second marker');
    r.mark('loss');
    await r.ground.loseMachine();
  },
};

const CHOOSE_A_SNAPSHOT: Step = {
  name: 'choose a snapshot and synthesise',
  run: async (r) => {
    const { platform, env, restoreFile } = r;
    const restores = readRestores(restoreFile, platform);
    const facts = await readFacts(
      r.clients,
      { platform: { ...platform, restores }, env, stacks: r.allStacks() },
      { from: 'latest', maxAgeHours: MAX_AGE_HOURS, missingImages: { value: [] } },
    );
    const plan = planRestore(facts);
    assertRestorable(plan);
    const { snapshot, restore } = plan;
    writeRestore(restoreFile, restores, env, restore);
    r.memory.snapshotTakenAt = snapshot.createdAt;
    r.synthesise();
  },
};

const SAME_MACHINE: Step = {
  name: 'the same VM: address and node name',
  run: async (r) => {
    await fetchKubeconfig(r);
    r.mark('cluster answers');
    const before = recall(r.memory, 'machine');
    const restored = await r.stack(VPC.layer).outputs();
    assertSame('address', [String(before['vm_internal_ip'])], [String(restored['vm_internal_ip'])]);
    assertSame('node', Object.values(recall(r.memory, 'node')), Object.values(await r.application().node()));
  },
};

const DATA_IS_BACK: Step = {
  name: 'the application is back, its data as old as the snapshot',
  run: async (r) => {
    await r.application().assertSynced();
    await assertMarker(r, 'the disk restore');
    const taken = recall(r.memory, 'snapshotTakenAt');
    r.report.recovery.diskRestore = {
      rtoSeconds: r.since('loss'),
      rpoSeconds: Math.round(((r.moments.get('loss') ?? Number.NaN) - taken.getTime()) / 1000),
      data: `back to ${taken.toISOString().replace(/\.\d+Z$/, 'Z')}`,
      path: await restorePath(r),
    };
  },
};
