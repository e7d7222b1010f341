import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { googleClients, signedInClients } from '../../cloud/google';
import { SecretStore } from '../../cloud/secrets';
import { deployCommand } from '../../platforms/deploy-command';
import { layersOf, projectOf } from '../../platforms/environment';
import type { LoadedPlatform } from '../../platforms/load';
import { namesOf } from '../../platforms/names';
import { environmentOf } from '../../platforms/schema';
import { secretsOf } from '../../platforms/secrets';
import { NotDeployedError } from '../../recovery/application';
import type { RehearsalReport } from '../../recovery/rehearsal-report';
import { Snapshots } from '../../recovery/snapshots';
import { type EnvironmentStatus, type Reading, reading } from '../../recovery/status';
import type { VmState } from '../../recovery/vm-state';
import { stacksOf } from './layers';
import { assertKubeconfig, runningApplication } from './running-application';
import { readVm } from './vm';

/**
 * Reads all parts of an environment's status, at the same time where they do not need each other.
 *
 * @param outdir - the synthesised platform.
 */
export async function readStatus(platform: LoadedPlatform, env: string, outdir: string): Promise<EnvironmentStatus> {
  const vm = readVm(googleClients(), platform, env);
  const [layers, state, cluster, stored, rehearsal] = await Promise.all([
    reading(() => readLayers(platform, env, outdir)),
    vm,
    vm.then((state) => readCluster(platform, env, state)),
    readStored(platform, env),
    reading(() => lastRehearsal(platform.name, env)),
  ]);
  return { platform: platform.name, env, layers, ...(state && { vm: state }), ...cluster, ...stored, rehearsal };
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
  return { images, ...(layersOf(platform, env).includes('02-argocd-app') && { argocd }) };
}

async function readStored(platform: LoadedPlatform, env: string) {
  const project = projectOf(platform, env);
  const owner = { platform: platform.name, environment: env };
  const names = secretsOf(platform, env).map(namesOf(platform.name, env).secret);
  const isVm = environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const clients = signedInClients();
  const newest = async () => {
    const snapshots = new Snapshots((await clients).compute, project, platform.google.zone, owner);
    const [[last], readAt] = await Promise.all([snapshots.list(), snapshots.now()]);
    return last ? { ...last, readAt } : null;
  };
  const [secrets, snapshot] = await Promise.all([
    reading(async () => new SecretStore(await clients, project).list(names)),
    isVm ? reading(newest) : undefined,
  ]);
  return { ...(names.length > 0 && { secrets }), ...(snapshot && { snapshot }) };
}

function lastRehearsal(platform: string, env: string): { ok: boolean; at: Date } | null {
  const file = join('reports', 'rehearsal.json');
  if (!existsSync(file)) return null;
  const report = JSON.parse(readFileSync(file, 'utf8')) as RehearsalReport;
  return report.platform === platform && report.env === env ? { ok: report.ok, at: statSync(file).mtime } : null;
}
