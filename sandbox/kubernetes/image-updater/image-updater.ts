import type { GitRemotes } from '../../git/remotes';
import type { KubernetesObject, World } from '../../world';
import type { ClusterApi, Controller } from '../api-server/api';
import { toSeconds } from '../api-server/duration';
import { kindOf } from '../api-server/kind';
import { METADATA_SERVER, podsNamed, reaches } from '../api-server/network-policy';
import { DEPLOYMENTS, type Deployment } from '../api-server/objects';
import type { Account } from '../api-server/rbac';
import { refOf } from '../api-server/reference';
import { APPLICATIONS, type Application } from '../argocd/application';
import { globMatches, newestBuild, type UpdateSettings } from './choice';
import { newTag, tagIn, type WriteBack, writeBackOf } from './target';

const GROUP = 'argocd-image-updater.argoproj.io';
/** It has nothing to clean up, but nothing is deleted without the controller. Source: imageupdater_controller.go of 1.x. */
const FINALIZER = `resources-finalizer.${GROUP}`;
/** Seconds between two checks. Source: default of `--interval`, 2 minutes. */
const INTERVAL = 120;

interface Rule {
  readonly namePattern: string;
  readonly images?: readonly {
    readonly alias: string;
    readonly imageName: string;
    readonly commonUpdateSettings?: UpdateSettings;
    readonly manifestTargets?: { readonly kustomize?: { readonly name: string } };
  }[];
  readonly commonUpdateSettings?: UpdateSettings;
  readonly writeBackConfig?: WriteBack;
}

interface UpdaterSpec extends Pick<Rule, 'commonUpdateSettings' | 'writeBackConfig'> {
  readonly applicationRefs: readonly Rule[];
}

type Updater = KubernetesObject<UpdaterSpec, { readonly lastUpdatedAt?: string }>;

const UPDATERS = kindOf<Updater>(GROUP, 'ImageUpdater');

/** One image that an ImageUpdater manages, and the tag that is to be written. */
interface Watched {
  readonly name: string;
  readonly target: { readonly url: string; readonly branch: string; readonly path: string };
  readonly written: string;
  readonly wanted: string;
}

/** The next check of one cluster. */
interface Look {
  readonly at: number;
  readonly kind: 'work' | 'routine';
  readonly cancel: () => void;
}

/**
 * Simulates Argo CD Image Updater while its Deployment runs: every two minutes it checks for newer images and commits their
 * tags to where the Application reads them. It simulates the strategy newest-build and write-back by Git to a kustomization.
 */
export class ImageUpdater implements Controller {
  readonly name = 'image-updater';
  private readonly looks = new Map<ClusterApi, Look>();
  private readonly turns = new WeakMap<ClusterApi, Promise<void>>();

  constructor(
    private readonly world: World,
    private readonly remotes: GitRemotes,
  ) {
    world.events.on('image', () => {
      for (const cluster of this.looks.keys()) void this.reconcile(cluster);
    });
  }

  reconcile(cluster: ClusterApi): Promise<void> {
    const before = this.turns.get(cluster);
    const turn = this.world.clock.busy(async () => {
      await before;
      await this.plan(cluster);
    });
    this.turns.set(cluster, turn);
    return turn;
  }

  /** Schedules the next check. One that will write something advances the clock, all others wait for time to pass. */
  private async plan(cluster: ClusterApi): Promise<void> {
    const running = deploymentOf(cluster);
    const known = this.looks.get(cluster);
    if (!running) {
      known?.cancel();
      this.looks.delete(cluster);
      return;
    }
    for (const updater of cluster.list(UPDATERS)) guard(cluster, updater);
    const pending = (await this.examine(cluster)).some(({ watched }) =>
      watched.some((one) => one.wanted !== one.written),
    );
    const kind = pending ? 'work' : 'routine';
    if (known?.kind === kind) return;
    known?.cancel();
    const at = known?.at ?? this.world.clock.now() + intervalOf(running) * 1000;
    const cancel = this.world.clock.after(
      Math.max(0, at - this.world.clock.now()) / 1000,
      () => this.look(cluster),
      kind,
    );
    this.looks.set(cluster, { at, kind, cancel });
  }

  private async look(cluster: ClusterApi): Promise<void> {
    this.looks.delete(cluster);
    if (!deploymentOf(cluster)) return;
    for (const { updater, applications, watched, problem: found } of await this.examine(cluster)) {
      const outdated = watched.filter((one) => one.wanted !== one.written);
      let problem = found;
      for (const one of outdated) {
        // Another push may come first; the next check tries again.
        await this.write(updater.metadata.name, one).catch((error: Error) => {
          problem ??= error.message;
        });
      }
      const at = this.world.clock.iso();
      cluster.setStatus(refOf(updater), {
        ...updater.status,
        applicationsMatched: applications,
        imagesManaged: watched.length,
        lastCheckedAt: at,
        ...(outdated.length ? { lastUpdatedAt: at } : {}),
        conditions: [{ type: 'Ready', lastTransitionTime: at, ...condition(problem) }],
      });
    }
    await this.reconcile(cluster);
  }

  private write(updater: string, { name, target, wanted, written }: Watched): Promise<string> {
    return this.remotes.commit(target.url, target.branch, {
      path: target.path,
      edit: (text) => newTag(text, name, wanted),
      author: 'argocd-image-updater',
      message: `build: automatic update of ${updater}\n\nupdates image ${name} tag '${written}' to '${wanted}'`,
      date: this.world.clock.iso(),
    });
  }

  /** What every ImageUpdater of a cluster watches. A problem with one image does not keep the others from being checked. */
  private examine(cluster: ClusterApi) {
    return Promise.all(
      cluster
        .list(UPDATERS)
        .filter(({ metadata }) => !metadata.deletionTimestamp)
        .map(async (updater) => {
          const matched = rulesOf(cluster, updater);
          const watched: Watched[] = [];
          let problem: string | undefined;
          for (const { app, rule, image } of matched) {
            await this.watch(cluster, updater, app, rule, image)
              .then((found) => watched.push(...found))
              .catch((error: Error) => {
                problem ??= `${image.alias}: ${error.message}`;
              });
          }
          return { updater, applications: new Set(matched.map(({ app }) => app)).size, watched, problem };
        }),
    );
  }

  private async watch(
    cluster: ClusterApi,
    updater: Updater,
    app: Application,
    rule: Rule,
    image: NonNullable<Rule['images']>[number],
  ): Promise<Watched[]> {
    const { spec } = updater;
    const settings = { ...spec.commonUpdateSettings, ...rule.commonUpdateSettings, ...image.commonUpdateSettings };
    const [repository = ''] = image.imageName.split(/:(?=[^/]*$)/);
    const used = app.status?.summary?.images ?? [];
    // It leaves alone what the Application does not run.
    if (!used.some((reference) => reference.startsWith(`${repository}:`))) return [];
    // The script of its registry asks the metadata server for a token.
    if (!podsNamed(cluster, 'argocd-image-updater').every((pod) => reaches(cluster, pod, METADATA_SERVER)))
      throw new Error(`could not get credentials of registry: dial tcp ${METADATA_SERVER}:80: i/o timeout`);
    const target = writeBackOf(cluster, app, { ...spec.writeBackConfig, ...rule.writeBackConfig }, accountOf(cluster));
    const head = await this.remotes.head(target.url, target.branch);
    if (!head) throw new Error(`could not fetch ${target.url}: no branch ${target.branch}`);
    const name = image.manifestTargets?.kustomize?.name ?? repository;
    const written = tagIn(await this.remotes.read(target.url, head, target.path), name);
    const wanted =
      newestBuild(this.world.data.images[repository] ?? {}, settings, cluster.host.architecture) ?? written;
    return [{ name, target, written, wanted }];
  }
}

function rulesOf(cluster: ClusterApi, updater: Updater) {
  const apps = cluster.list(APPLICATIONS, updater.metadata.namespace);
  return updater.spec.applicationRefs.flatMap((rule) =>
    apps
      .filter(({ metadata }) => globMatches(rule.namePattern, metadata.name))
      .flatMap((app) => (rule.images ?? []).map((image) => ({ app, rule, image }))),
  );
}

/** The Deployment, while it runs. */
function deploymentOf(cluster: ClusterApi): Deployment | undefined {
  if (!cluster.host.answers || !cluster.kind(GROUP, 'ImageUpdater')) return undefined;
  return cluster
    .list(DEPLOYMENTS)
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === 'argocd-image-updater')
    .find(({ metadata }) => cluster.workloadRuns(metadata.namespace ?? '', metadata.name));
}

/** The ServiceAccount that its pod runs as. */
function accountOf(cluster: ClusterApi): Account {
  const deployment = deploymentOf(cluster);
  return {
    namespace: deployment?.metadata.namespace ?? '',
    name: deployment?.spec.template.spec.serviceAccountName ?? 'default',
  };
}

/** Seconds between two checks, as the Deployment's arguments say. */
function intervalOf({ spec }: Deployment): number {
  const args = spec.template.spec.containers[0]?.args ?? [];
  const given = args[args.indexOf('--interval') + 1];
  return args.includes('--interval') && given ? toSeconds(given) : INTERVAL;
}

function guard(cluster: ClusterApi, updater: Updater): void {
  const { deletionTimestamp, finalizers = [] } = updater.metadata;
  if (deletionTimestamp) cluster.removeFinalizer(refOf(updater), FINALIZER);
  else if (!finalizers.includes(FINALIZER)) {
    cluster.apply({ ...updater, metadata: { ...updater.metadata, finalizers: [...finalizers, FINALIZER] } });
  }
}

function condition(problem: string | undefined) {
  return problem
    ? { status: 'False', reason: 'ReconcileError', message: problem }
    : { status: 'True', reason: 'ReconcileSucceeded', message: 'checked every image (simulated)' };
}
