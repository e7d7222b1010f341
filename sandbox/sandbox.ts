import { join, resolve } from 'node:path';
import { type RunOptions, runInside } from './command';
import { bootsBeforeUnlock, controlApi } from './control';
import { CoverageCounter } from './coverage';
import { openDirectory } from './directory';
import { FALSE_TOKEN, sandboxEnvironment } from './environment';
import { Faults } from './faults';
import { GitRemotes } from './git/remotes';
import { addRepository, type ExistingRepository } from './github/data';
import { resumeBoots } from './google/compute/machine';
import { ComputeApi } from './google/rest/compute';
import { handleHmacKeys } from './google/rest/hmac-keys';
import { handleMonitoring } from './google/rest/monitoring';
import { handleScheduler } from './google/rest/scheduler';
import { handleSecretManager, readSecret } from './google/rest/secret-manager';
import { ServiceUsageApi } from './google/rest/service-usage';
import { runSchedules } from './google/schedules';
import { addProject } from './google/services';
import { addBucket, type PlacedBucket } from './google/storage';
import { k3sHelm } from './helm/k3s';
import { writeHome } from './home';
import { listen, onlyWith } from './http';
import { ArgoCd } from './kubernetes/argocd/argocd';
import { Clusters } from './kubernetes/clusters/clusters';
import { externalSecrets } from './kubernetes/external-secrets/external-secrets';
import { ImageUpdater } from './kubernetes/image-updater/image-updater';
import { cloudnativePg } from './kubernetes/operators/cloudnative-pg';
import { prometheusOperator } from './kubernetes/operators/prometheus';
import { runnerScaleSets } from './kubernetes/operators/runner-scale-sets';
import { handleKubernetes } from './kubernetes/rest/server';
import { addExistingClusters, type ExistingCluster, isExisting, writeExistingKubeconfigs } from './machines/existing';
import { simulateK0s } from './machines/k0s';
import { serveProviders, socketFolder } from './protocol/server';
import { findImage, handleRegistry, pushImage } from './registry/oci';
import { createChannel, handleSlack } from './slack/slack';
import { createBucket } from './storage/bucket';
import { handleStorage } from './storage/gcs';
import { refuseStateWrites } from './storage/refusal';
import { endSurvivors, killTerraform } from './survivors';
import { watchTerraform } from './terraform-runs';
import { simulatedProviders } from './types';
import { World } from './world';

/** Folder of the programs that replace those that would reach outside. */
const SHIMS = join(__dirname, 'shims');

/** Real milliseconds between two checks of the remotes by Argo CD. */
const CHECK_MS = 500;

/** What a sandbox is started with. Everything except `directory` is added to the world and kept. */
export interface SandboxOptions {
  /** Where the world is kept: `.sandbox/<name>`. Empty at the first start, and not for anything else. */
  readonly directory: string;
  /** Start over with an empty world. @default false */
  readonly fresh?: boolean;
  /** First moment of a new world, in milliseconds since the epoch. @default - now */
  readonly start?: Date | number;
  /** Git remotes that replace real ones, each branch seeded with the files of a folder. */
  readonly remotes?: readonly {
    readonly url: string;
    readonly branch: string;
    /** @default - no files */
    readonly workTree?: string;
    /** Argo CD reads it with a credential only. @default false */
    readonly private?: boolean;
  }[];
  /** Images that count as pushed. */
  readonly images?: readonly { readonly reference: string; readonly architectures: readonly string[] }[];
  /** Buckets that exist. Terraform can import one whose place is known. */
  readonly buckets?: readonly (string | PlacedBucket)[];
  /** Repositories on GitHub that exist. */
  readonly repositories?: readonly ExistingRepository[];
  /** Google projects, each with the services that its owner has enabled. @default - any project, with all services */
  readonly projects?: readonly { readonly id: string; readonly services: readonly string[] }[];
  /** Channels of Slack that the bot is a member of. */
  readonly channels?: readonly string[];
  /** Clusters that exist. */
  readonly clusters?: readonly ExistingCluster[];
  /** Called when a cluster of a simulated cloud starts to answer, and at the start for each that answers already. */
  readonly onClusterAnswers?: (cluster: AnsweringCluster) => void;
}

/** A cluster that answers. */
export interface AnsweringCluster {
  /** Name of its VM. */
  readonly machine: string;
  /** An administrator's kubeconfig, as YAML. */
  readonly kubeconfig: string;
  /** HOME of the commands inside. */
  readonly home: string;
}

/** Running simulated clouds, and the access to them. */
export interface Sandbox {
  readonly world: World;
  readonly clusters: Clusters;
  readonly remotes: GitRemotes;
  /** The whole environment of a command inside. */
  readonly env: NodeJS.ProcessEnv;
  readonly coverage: CoverageCounter;
  readonly faults: Faults;
  /** Root of the APIs, with the token that they ask for. Stays the same from one start to the next while its port is free. */
  readonly baseUrl: string;
  /**
   * Runs a command inside, to its end and that of every terraform that it has started. Resolves to its exit code, or to 1
   * where it is 0 although a terraform was killed.
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<number>;
  /** Writes the world and releases everything. */
  close(): Promise<void>;
}

/**
 * Starts the sandbox kept in a directory. One process at a time per directory; killed at any moment, it can be started
 * again.
 *
 * @throws {SandboxError} when another process uses the directory, or when it is not a sandbox.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const directory = resolve(options.directory);
  const kept = await openDirectory(directory, options.fresh ?? false);
  const closing: (() => unknown)[] = [kept.unlock];
  const close = async () => {
    const failures: unknown[] = [];
    for (const step of closing.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    endSurvivors(directory);
    closing.push(() => endSurvivors(directory));
    const home = join(directory, 'home');
    const world = World.open(join(directory, 'world.json'), Number(options.start ?? Date.now()));
    closing.push(() => {
      world.clock.stop();
      world.save();
    });
    const remotes = GitRemotes.open(join(directory, 'git'));
    await addAll(world, remotes, options);
    writeHome(home, remotes);

    const argocd = new ArgoCd(remotes);
    // Before the clusters listen: a first boot puts the cluster on the disk that they then find there.
    simulateK0s(world, (machine, start) => clusters.install(machine, start));
    const clusters = new Clusters(world, {
      controllers: [
        argocd,
        k3sHelm(),
        externalSecrets((project, name, version) => readSecret(world, project, name, version)),
        new ImageUpdater(world, remotes),
        cloudnativePg,
        prometheusOperator,
        runnerScaleSets,
      ],
      images: { find: (reference) => findImage(world, reference) },
    });
    closing.push(argocd.watch(CHECK_MS));

    const compute = new ComputeApi(world);
    const faults = new Faults([], () => killTerraform(directory));
    const server = await listen(kept.port, [
      onlyWith(kept.token),
      controlApi(world, clusters, () => baseUrl),
      (request, response) => handleKubernetes(clusters, request, response),
      compute.handle,
      new ServiceUsageApi(world).handle,
      handleScheduler(world),
      (request, response) => handleSecretManager(world, request, response),
      (request, response) => handleMonitoring(world, request, response),
      (request, response) => handleRegistry(world, request, response),
      (request, response) => handleSlack(world, FALSE_TOKEN, request, response),
      (request, response) => handleHmacKeys(world, request, response),
      bootsBeforeUnlock(world),
      refuseStateWrites(faults),
      (request, response) => handleStorage(world, request, response),
    ]);
    closing.push(server.close);
    const baseUrl = `${server.baseUrl}/${kept.token}`;
    kept.keepPort(Number(new URL(server.baseUrl).port));

    const coverage = new CoverageCounter();
    const served = await serveProviders(simulatedProviders(clusters), {
      world,
      coverage,
      home,
      faults,
      sockets: socketFolder(join(directory, 'providers')),
    });
    closing.push(served.close);

    const existing = options.clusters ?? [];
    addExistingClusters(world, clusters, existing);
    writeExistingKubeconfigs(home, existing, (key) => clusters.kubeconfig(key, baseUrl));
    announceClusters(world, clusters, (key, name) =>
      options.onClusterAnswers?.({ machine: name, kubeconfig: clusters.kubeconfig(key, baseUrl), home }),
    );
    resumeBoots(world);
    runSchedules(world);
    world.save();
    const env = sandboxEnvironment({
      directory,
      home,
      shims: SHIMS,
      baseUrl: server.baseUrl,
      token: kept.token,
      reattach: served.reattach,
    });
    const run: Sandbox['run'] = async (command, args, inside) => {
      const terraformEnded = watchTerraform({ world, providers: served, server });
      const code = await runInside(env, command, args, inside);
      const left = await terraformEnded();
      for (const sentence of left) console.error(`sandbox: ${sentence}`);
      return code === 0 && left.length > 0 ? 1 : code;
    };
    return { world, clusters, remotes, env, coverage, faults, baseUrl, run, close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

async function addAll(world: World, remotes: GitRemotes, options: SandboxOptions): Promise<void> {
  for (const { id, services } of options.projects ?? []) addProject(world, id, services);
  for (const bucket of options.buckets ?? []) {
    if (typeof bucket === 'string') createBucket(world, bucket);
    else addBucket(world, bucket);
  }
  for (const repository of options.repositories ?? []) addRepository(world, repository);
  for (const channel of options.channels ?? []) createChannel(world, channel);
  for (const { reference, architectures } of options.images ?? []) {
    const found = findImage(world, reference);
    const isThere = typeof found === 'object' && String(found.architectures) === String(architectures);
    if (!isThere) pushImage(world, reference, architectures);
  }
  for (const remote of options.remotes ?? []) {
    await remotes.seed(remote.url, remote.branch, remote.workTree);
    if (remote.private) remotes.protect(remote.url);
  }
}

function announceClusters(world: World, clusters: Clusters, announce: (key: string, name: string) => void): void {
  const look = (key: string) => {
    const host = clusters.get(key)?.host;
    if (host?.answers) announce(key, host.name);
  };
  for (const key of Object.keys(world.data.machines)) if (!isExisting(key)) look(key);
  world.events.on('machine', look);
}
