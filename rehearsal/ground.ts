import { join } from 'node:path';
import { clusterVmOf } from '../clients/vm';
import type { LoadedPlatform } from '../platforms/load';
import { architectureOf } from '../platforms/schema/cluster';
import { environmentOf } from '../platforms/schema/define-platform';
import { repositoryOf } from '../platforms/schema/environment';
import { existingKey, loseMachine, pushImage, type Sandbox, startSandbox } from '../sandbox';
import type { Ground } from './rehearsal';
import { contextOf, sandboxOf } from './sandbox-of';

/** The simulated clouds of a rehearsal, until they are closed. */
export interface SimulatedGround extends Ground {
  readonly sandbox: Sandbox;
  readMarker(namespace: string): string | undefined;
  close(): Promise<void>;
}

/** Folder in which the simulated clouds of an environment are kept, unless another one is given. */
export function groundFolder(platform: string, env: string): string {
  return join('.sandbox', `rehearsal-${platform}-${env}`);
}

/** How simulated clouds are started. */
interface GroundOptions {
  /** Where they are kept. @default - a folder below `.sandbox` for each environment */
  readonly directory?: string | undefined;
  /** Folder with the trees, which the repository holds. @default - the working directory */
  readonly root?: string | undefined;
  /** Goes on with the clouds that are kept. @default - starts with empty ones */
  readonly kept?: boolean;
  /** What describes the clouds that are kept, where its VM is another one. @default - the platform */
  readonly before?: LoadedPlatform;
}

/** Starts simulated clouds for one environment. */
export async function openGround(
  platform: LoadedPlatform,
  env: string,
  { directory = groundFolder(platform.name, env), root, kept = false, before = platform }: GroundOptions = {},
): Promise<SimulatedGround> {
  const prepared = await sandboxOf(platform, { only: env, root });
  const sandbox = await startSandbox({ ...prepared, directory, fresh: !kept });
  const { world } = sandbox;
  const { cluster } = environmentOf(platform, env);
  const keys = [platform, before].map((one) => machineKey(one, env));
  // The one that exists: a change may replace it.
  const machine = () => keys.find((key) => world.data.machines[key]) ?? machineKey(platform, env);
  const volume = (namespace: string) => volumeOf(sandbox, machine(), namespace);
  return {
    sandbox,
    close: () => sandbox.close(),
    directory,
    env: sandbox.env,
    now: () => world.clock.now(),
    settled: () => world.clock.settled(),
    pass: async (seconds) => {
      await world.clock.advance(seconds);
      await world.clock.settled();
    },
    loseMachine: () => loseMachine(world, machine()),
    writeMarker: (namespace, text) => {
      volume(namespace)[MARKER] = text;
      world.changed();
    },
    readMarker: (namespace) => volume(namespace)[MARKER],
    watchServing: (namespace) => watchServing(sandbox, machine, namespace),
    merge: async (folder) => {
      const { url, branch } = repositoryOf(platform, env);
      await sandbox.remotes.seed(url, branch, folder);
      for (const { cluster } of sandbox.clusters.all()) cluster.wake();
    },
    pushImage: (reference) => {
      pushImage(world, reference, [architectureOf(cluster)]);
    },
    commit: async (path, edit) => {
      const { url, branch } = repositoryOf(platform, env);
      const date = world.clock.iso();
      await sandbox.remotes.commit(url, branch, { path, edit, author: 'operator', message: `Change ${path}`, date });
      for (const { cluster } of sandbox.clusters.all()) cluster.wake();
    },
    coverage: () => sandbox.coverage.total(),
  };
}

/** A file in the application's volume: what a recovery has to bring back. */
const MARKER = 'strata-marker';

/** The machine that an environment's cluster runs on. */
function machineKey(platform: LoadedPlatform, env: string): string {
  const { cluster } = environmentOf(platform, env);
  return cluster.kind === 'k0s-vm' ? instanceOf(platform, env) : existingKey(contextOf(cluster));
}

/** Resource name of an environment's VM. */
function instanceOf(platform: LoadedPlatform, env: string): string {
  const { project, zone, name } = clusterVmOf(platform, env);
  return `projects/${project}/zones/${zone}/instances/${name}`;
}

/** The files of the first bound volume in a namespace, by name. */
function volumeOf(sandbox: Sandbox, machine: string, namespace: string): Record<string, string> {
  const cluster = sandbox.clusters.get(machine);
  const claims = cluster?.list('', 'PersistentVolumeClaim', namespace) ?? [];
  const [name] = claims.flatMap(({ spec }) => (spec as { volumeName?: string } | undefined)?.volumeName ?? []);
  const files = name === undefined ? undefined : cluster?.data.volumes[name];
  if (!files) throw new Error(`no bound volume in namespace ${namespace} of ${machine}`);
  return files;
}

/** A workload, as far as its serving is concerned. */
interface Workload {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number };
}

/** Adds up the time in which a workload that served at the start does not, or none of them is left. */
function watchServing(sandbox: Sandbox, machine: () => string, namespace: string) {
  const workloads = () =>
    new Map(
      ['Deployment', 'StatefulSet'].flatMap((kind) =>
        (sandbox.clusters.get(machine())?.list('apps', kind, namespace) ?? []).map((object) => {
          const { spec, status } = object as Workload;
          return [`${kind}/${object.metadata.name}`, spec?.replicas === 0 || (status?.readyReplicas ?? 0) > 0] as const;
        }),
      ),
    );
  const watched = [...workloads()].filter(([, ready]) => ready).map(([name]) => name);
  const serves = () => {
    if (sandbox.world.data.machines[machine()]?.state !== 'running') return false;
    const now = workloads();
    const left = watched.filter((name) => now.has(name));
    return left.length > 0 && left.every((name) => now.get(name));
  };
  let down = 0;
  const end = sandbox.world.clock.onPass((milliseconds) => {
    if (!serves()) down += milliseconds;
  });
  return () => {
    end();
    return { downSeconds: Math.round(down / 1000) };
  };
}
