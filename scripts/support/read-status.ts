import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GoogleClients, googleClients } from '../../cloud/google';
import { inHome } from '../../cloud/kubeconfig';
import { SecretStore } from '../../cloud/secrets';
import { kubeconfigOf, layersOf, projectOf } from '../../platforms/environment';
import type { LoadedPlatform } from '../../platforms/load';
import { namesOf } from '../../platforms/names';
import { environmentOf } from '../../platforms/schema';
import { secretsOf } from '../../platforms/secrets';
import type { RehearsalReport } from '../../recovery/rehearsal-report';
import { Snapshots } from '../../recovery/snapshots';
import { type EnvironmentStatus, type Reading, reading } from '../../recovery/status';
import type { VmState } from '../../recovery/vm-state';
import { stacksOf } from './layers';
import { runningApplication } from './running-application';
import { readVm } from './vm';

/**
 * Reads all parts of an environment's status, at the same time where they do not need each other.
 *
 * @param outdir - the synthesised platform.
 */
export async function readStatus(platform: LoadedPlatform, env: string, outdir: string): Promise<EnvironmentStatus> {
  const clients = googleClients();
  const vm = readVm(clients, platform, env);
  const [layers, state, cluster, stored, rehearsal] = await Promise.all([
    reading(() => readLayers(platform, env, outdir)),
    vm,
    vm.then((state) => readCluster(platform, env, state)),
    readStored(clients, platform, env),
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
  const { path } = kubeconfigOf(platform, env);
  const application = runningApplication(platform, env);
  const look = <T>(read: () => Promise<T>): Promise<Reading<T>> =>
    reading(() => {
      if (vm && 'value' in vm && vm.value.state !== 'awake') throw new Error(`the VM is ${vm.value.state}`);
      if (!existsSync(inHome(path))) {
        throw new Error(`${path} does not exist${vm ? `; npm run kubeconfig -- ${env}` : ''}`);
      }
      return read();
    });
  const [argocd, images] = await Promise.all([look(() => application.sync()), look(() => application.images())]);
  return { images, ...(layersOf(platform, env).includes('02-argocd-app') && { argocd }) };
}

async function readStored(clients: GoogleClients, platform: LoadedPlatform, env: string) {
  const project = projectOf(platform, env);
  const owner = { platform: platform.name, environment: env };
  const names = secretsOf(platform, env).map(namesOf(platform.name, env).secret);
  const isVm = environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const snapshots = new Snapshots(clients.compute, project, platform.google.zone, owner);
  const [secrets, snapshot] = await Promise.all([
    reading(() => new SecretStore(clients, project).list(names)),
    isVm ? reading(async () => (await snapshots.list())[0] ?? null) : undefined,
  ]);
  return { ...(names.length > 0 && { secrets }), ...(snapshot && { snapshot }) };
}

function lastRehearsal(platform: string, env: string): { ok: boolean; at: Date } | null {
  const file = join('reports', 'rehearsal.json');
  if (!existsSync(file)) return null;
  const report = JSON.parse(readFileSync(file, 'utf8')) as RehearsalReport;
  return report.platform === platform && report.env === env ? { ok: report.ok, at: statSync(file).mtime } : null;
}
