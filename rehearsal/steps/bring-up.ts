import { type LayerId, scopeOf } from '../../contracts/layers';
import { VPC } from '../../contracts/vpc';
import { sleepsThrough } from '../../platforms/schema/power';
import { readIdentity } from '../../recovery/identity-record';
import { snapshotName } from '../../recovery/snapshot-name';
import { monthlyCost } from '../costs';
import type { Rehearsal, Step } from '../rehearsal';
import type { Subject } from '../subject';
import { FIRST_MARKER } from './assertions';

/** The platform comes up layer by layer, with a snapshot after each where the cluster is a VM that can be snapshotted. */
export function bringUp({ layers, vm }: Pick<Subject, 'layers' | 'vm'>): Step[] {
  const inCloud = layers.filter(({ id }) => scopeOf(id) === 'cloud');
  const inCluster = layers.filter(({ id }) => scopeOf(id) === 'cluster');
  // The application's pods start with the last layer, and a snapshot of it is taken once there is data to bring back.
  const snapshotted = inCluster.slice(0, -1).map(({ id }) => id);
  return [
    SYNTHESISE,
    ...inCloud.map(({ id }) => deploy(id)),
    SET_SECRETS,
    ...(vm ? [...inCloud.map(({ id }) => snapshotAfter(id, vm.name)), FETCH_KUBECONFIG] : []),
    ...inCluster.flatMap(({ id }) => [
      deploy(id),
      ...(vm && snapshotted.includes(id) ? [snapshotAfter(id, vm.name)] : []),
    ]),
    APPLICATION_RUNS,
    WRITE_MARKER,
  ];
}

/** Plans and applies a layer. */
export function deploy(layer: LayerId, name = `deploy ${layer}`): Step {
  return { name, layer, run: (rehearsal) => rehearsal.deploy(layer) };
}

/** Takes a snapshot of the VM's boot disk, labelled with the layer that was applied last. */
export function snapshotAfter(layer: LayerId, vm: string): Step {
  return {
    name: `snapshot after ${layer}`,
    layer,
    run: async (rehearsal) => {
      const { tools, ground } = rehearsal;
      const { boot_disk_name: disk } = await rehearsal.stack(VPC.layer).outputs();
      const record = await readIdentity(rehearsal.allStacks());
      await tools.snapshots.make(snapshotName(layer, vm, new Date(ground.now())), String(disk), layer, record);
    },
  };
}

/** The last step: nothing is left to apply in any layer. */
export const EVERY_PLAN_IS_EMPTY: Step = {
  name: 'every plan is empty',
  run: async (r) => {
    for (const { id } of r.subject.layers) await r.assertUnchanged(id);
  },
};

const SYNTHESISE: Step = {
  name: 'synthesise',
  run: async (r) => {
    await r.synthesise();
  },
};

const SET_SECRETS: Step = {
  name: 'set the secrets',
  run: async ({ subject, tools }) => {
    for (const name of subject.secrets) await tools.setSecret(name, `rehearsed-value-of-${name}`);
  },
};

const FETCH_KUBECONFIG: Step = {
  name: 'fetch the kubeconfig',
  run: async ({ tools }) => {
    await tools.fetchKubeconfig();
  },
};

const APPLICATION_RUNS: Step = {
  name: 'application admitted and scheduled (simulated)',
  run: async (r) => {
    await r.application().assertSynced();
    await r.application().assertClusterReady();
    await assertJobsRun(r);
  },
};

/** Refuses a CronJob that never runs because the VM sleeps then: a backup, say, that nobody misses until it is needed. */
async function assertJobsRun(r: Rehearsal): Promise<void> {
  const { power } = r.subject;
  if (!power) return;
  const never = (await r.application().schedules()).filter((job) => sleepsThrough(power, job));
  if (never.length === 0) return;
  const jobs = never.map(({ name, schedule, timeZone = 'Etc/UTC' }) => `${name} (${schedule} ${timeZone})`).join(', ');
  const { start, stop, timeZone } = power;
  throw new Error(
    `jobs that never run: ${jobs}; the VM is awake from ${start} to ${stop} ${timeZone}, so move them into these hours`,
  );
}

const WRITE_MARKER: Step = {
  name: 'write a data marker',
  run: async (r) => {
    for (const { id } of r.subject.layers) r.report.resources[id] = (await r.stack(id).resources()).length;
    if (r.subject.vm) r.report.cost = monthlyCost(await r.stack(VPC.layer).state(), r.subject);
    r.ground.writeMarker(r.subject.application.namespace, FIRST_MARKER);
  },
};
