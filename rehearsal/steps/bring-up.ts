import { writeKubeconfig } from '../../clients/kubeconfig';
import { secretStoreOf } from '../../clients/secrets';
import { clusterVmOf } from '../../clients/vm';
import { type LayerId, scopeOf } from '../../contracts/layers';
import { VPC } from '../../contracts/vpc';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { kubeconfigOf, layersOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import { awakeHours, type Power, sleepsThrough } from '../../platforms/schema/power';
import { secretsOf } from '../../platforms/schema/secrets';
import { readIdentity } from '../../recovery/identity-record';
import { snapshotName } from '../../recovery/snapshot-name';
import { HOURS_A_MONTH, monthlyCost } from '../costs';
import type { Rehearsal, Step } from '../rehearsal';
import { FIRST_MARKER } from './assertions';

/** Deploys the platform layer by layer, with a snapshot after each if its cluster is a VM that the platform creates. */
export function bringUp(platform: Platform, env: string): Step[] {
  const layers = layersOf(platform, env);
  const hasVm = environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const inCloud = layers.filter((id) => scopeOf(id) === 'cloud');
  const inCluster = layers.filter((id) => scopeOf(id) === 'cluster');
  // The application starts with the last layer, whose snapshot is taken later, once there is data.
  const snapshotted = inCluster.slice(0, -1);
  return [
    SYNTHESISE,
    ...inCloud.map((id) => deploy(id)),
    SET_SECRETS,
    ...(hasVm ? [...inCloud.map(snapshotAfter), FETCH_KUBECONFIG] : []),
    ...inCluster.flatMap((id) => [deploy(id), ...(hasVm && snapshotted.includes(id) ? [snapshotAfter(id)] : [])]),
    APPLICATION_RUNS,
    WRITE_MARKER,
  ];
}

/** Plans and applies a layer. */
export function deploy(layer: LayerId, name = `deploy ${layer}`): Step {
  return { name, layer, run: (rehearsal) => rehearsal.deploy(layer) };
}

/** Takes a snapshot of the VM's boot disk, labelled with the last applied layer. */
export function snapshotAfter(layer: LayerId): Step {
  return {
    name: `snapshot after ${layer}`,
    layer,
    run: async (r) => {
      const { boot_disk_name: disk } = await r.stack(VPC.layer).outputs();
      const record = await readIdentity(r.allStacks());
      const { vm } = namesOf(r.platform.name, r.env);
      await r.snapshots.make(snapshotName(layer, vm, new Date(r.ground.now())), String(disk), layer, record);
    },
  };
}

/** The last step: no layer has changes left to apply. */
export const EVERY_PLAN_IS_EMPTY: Step = {
  name: 'every plan is empty',
  run: async (r) => {
    for (const id of r.layers) await r.assertUnchanged(id);
  },
};

/** Synthesises all layers. */
export const SYNTHESISE: Step = {
  name: 'synthesise',
  run: async (r) => {
    r.synthesise();
  },
};

export const SET_SECRETS: Step = {
  name: 'set the secrets',
  run: async ({ platform, env, clients }) => {
    const store = secretStoreOf(clients, platform, env);
    const names = secretsOf(platform, env).map(namesOf(platform.name, env).secret);
    for (const name of names) await store.set(name, rehearsedValue(name));
  },
};

export const FETCH_KUBECONFIG: Step = {
  name: 'fetch the kubeconfig',
  run: fetchKubeconfig,
};

/** Fetches the kubeconfig of the VM to where the layers look for it. */
export async function fetchKubeconfig({ platform, env, ground }: Rehearsal): Promise<undefined> {
  await writeKubeconfig(clusterVmOf(platform, env), kubeconfigOf(platform, env).path, ground.env);
  return undefined;
}

/** Value of a secret in a rehearsal. No report and no file may hold it. */
export function rehearsedValue(name: string): string {
  return `rehearsed-value-of-${name}`;
}

const APPLICATION_RUNS: Step = {
  name: 'application admitted and scheduled (simulated)',
  run: async (r) => {
    await r.application().assertSynced();
    await r.application().assertClusterReady();
    await assertJobsRun(r);
  },
};

/** Refuses a CronJob that never runs because the VM sleeps, such as a backup that is missed only when it is needed. */
async function assertJobsRun(r: Rehearsal): Promise<void> {
  const power = powerOf(r);
  if (!power) return;
  const never = (await r.application().schedules()).filter((job) => sleepsThrough(power, job));
  if (never.length === 0) return;
  const jobs = never.map(({ name, schedule, timeZone = 'Etc/UTC' }) => `${name} (${schedule} ${timeZone})`).join(', ');
  const { start, stop, timeZone } = power;
  throw new Error(
    `jobs that never run: ${jobs}; the VM is awake from ${start} to ${stop} ${timeZone}, so move them into these hours`,
  );
}

/** Counts the resources, and writes the data that a recovery has to bring back. */
export const WRITE_MARKER: Step = {
  name: 'write a data marker',
  run: async (r) => {
    await count(r);
    await r.ground.writeMarker(r.namespace, FIRST_MARKER);
  },
};

/** Counts the resources of every layer and what they cost, for the report. */
export const COUNT: Step = {
  name: 'count the resources',
  run: async (r) => {
    await count(r);
  },
};

async function count(r: Rehearsal): Promise<void> {
  for (const id of r.layers) r.report.resources[id] = (await r.stack(id).resources()).length;
  if (!r.layers.includes(VPC.layer)) return;
  const power = powerOf(r);
  const hoursAwake = HOURS_A_MONTH * (power ? awakeHours(power).length / 24 : 1);
  r.report.cost = monthlyCost(await r.stack(VPC.layer).state(), { hoursAwake });
}

/** When the VM is awake; undefined for one that always is, and for an existing cluster. */
function powerOf({ platform, env }: Rehearsal): Power | undefined {
  const { cluster } = environmentOf(platform, env);
  return cluster.kind === 'k0s-vm' ? cluster.power : undefined;
}
