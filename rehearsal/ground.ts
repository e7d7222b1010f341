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
  close(): Promise<void>;
}

/**
 * Starts empty simulated clouds for one environment.
 *
 * @param options.directory - where they are kept. @default - a folder below `.sandbox` for each environment
 * @param options.root - folder with the trees: what the repository holds. @default - the working directory
 */
export async function openGround(
  platform: LoadedPlatform,
  env: string,
  options: { readonly directory?: string; readonly root?: string } = {},
): Promise<SimulatedGround> {
  const { directory = join('.sandbox', `rehearsal-${platform.name}-${env}`), root } = options;
  const before = await sandboxOf(platform, { only: env, root });
  const sandbox = await startSandbox({ ...before, directory, fresh: true });
  const { world } = sandbox;
  const { cluster } = environmentOf(platform, env);
  const machine = cluster.kind === 'k0s-vm' ? instanceOf(platform, env) : existingKey(contextOf(cluster));
  const volume = (namespace: string) => volumeOf(sandbox, machine, namespace);
  return {
    sandbox,
    close: () => sandbox.close(),
    directory,
    env: sandbox.env,
    now: () => world.clock.now(),
    settled: () => world.clock.settled(),
    loseMachine: () => loseMachine(world, machine),
    writeMarker: (namespace, text) => {
      volume(namespace)[MARKER] = text;
      world.changed();
    },
    readMarker: (namespace) => volume(namespace)[MARKER],
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
