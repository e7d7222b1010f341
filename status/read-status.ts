import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NotDeployedError } from '../clients/application';
import { googleClients, signedInClients } from '../clients/google';
import { type Reading, reading } from '../clients/reading';
import { assertKubeconfig, runningApplication } from '../clients/running-application';
import { secretStoreOf } from '../clients/secrets';
import { readVm } from '../clients/vm';
import type { VmState } from '../clients/vm-state';
import { ARGOCD_APP } from '../contracts/argocd-app';
import type { LoadedPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { deployCommand } from '../platforms/schema/deploy-command';
import { layersOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { secretsOf } from '../platforms/schema/secrets';
import { snapshotsOf } from '../recovery/snapshots';
import type { RehearsalReport } from '../rehearsal/report';
import { stacksOf } from '../terraform/stacks';
import { readDelivery } from './read-delivery';
import type { EnvironmentStatus } from './status';

/**
 * Reads all parts of an environment's status, in parallel where they are independent.
 *
 * @param outdir - output folder of the synthesised platform.
 */
export async function readStatus(platform: LoadedPlatform, env: string, outdir: string): Promise<EnvironmentStatus> {
  const vm = readVm(googleClients(), platform, env);
  const [layers, state, cluster, stored, rehearsal, delivery] = await Promise.all([
    reading(() => readLayers(platform, env, outdir)),
    vm,
    vm.then((state) => readCluster(platform, env, state)),
    readStored(platform, env),
    reading(() => lastRehearsal(platform.name, env)),
    vm.then((state) => readDelivery(platform, env, !state || ('value' in state && state.value.state === 'awake'))),
  ]);
  return {
    platform: platform.name,
    env,
    layers,
    ...(state && { vm: state }),
    ...cluster,
    delivery,
    ...stored,
    rehearsal,
  };
}

function readLayers(platform: LoadedPlatform, env: string, outdir: string) {
  return Promise.all(
    stacksOf(platform, env, outdir).map(async (stack, index) => ({
      id: layersOf(platform, env)[index] ?? stack.id,
      resources: (await stack.state()).length,
    })),
  );
}

async function readCluster(platform: LoadedPlatform, env: string, vm: Reading<VmState> | undefined) {
  const application = runningApplication(platform, env);
  const look = <T>(read: () => Promise<T>): Promise<Reading<T>> =>
    reading(() => {
      if (vm && 'value' in vm && vm.value.state !== 'awake') throw new Error(`the VM is ${vm.value.state}`);
      assertKubeconfig(platform, env);
      return read().catch((error: unknown) => {
        if (!(error instanceof NotDeployedError)) throw error;
        throw new Error(`${error.message}: ${deployCommand(platform, env, [error.layer])}`);
      });
    });
  const [argocd, images] = await Promise.all([look(() => application.sync()), look(() => application.images())]);
  return { images, ...(layersOf(platform, env).includes(ARGOCD_APP.layer) && { argocd }) };
}

async function readStored(platform: LoadedPlatform, env: string) {
  const names = secretsOf(platform, env).map(namesOf(platform.name, env).secret);
  const isVm = environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const clients = signedInClients();
  const newest = async () => {
    const snapshots = snapshotsOf(await clients, platform, env);
    const [[last], readAt] = await Promise.all([snapshots.list(), snapshots.now()]);
    return last ? { ...last, readAt } : null;
  };
  const [secrets, snapshot] = await Promise.all([
    reading(async () => secretStoreOf(await clients, platform, env).list(names)),
    isVm ? reading(newest) : undefined,
  ]);
  return { ...(names.length > 0 && { secrets }), ...(snapshot && { snapshot }) };
}

/** The last rehearsal, if it was of this environment. It is dated by its report: a checkout or a copy changes the file's time. */
export function lastRehearsal(
  platform: string,
  env: string,
  file = join('reports', 'rehearsal.json'),
): { ok: boolean; at: Date } | null {
  if (!existsSync(file)) return null;
  const report = JSON.parse(readFileSync(file, 'utf8')) as RehearsalReport;
  if (report.platform !== platform || report.env !== env) return null;
  return { ok: report.ok, at: new Date(report.origin?.startedAt ?? statSync(file).mtime) };
}
