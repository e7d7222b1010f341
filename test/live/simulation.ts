import { GitRemotes } from '../../sandbox/git/remotes';
import type { Cluster } from '../../sandbox/kubernetes/api-server/cluster';
import {
  type Application,
  type ApplicationStatus,
  ARGO,
  applicationRef,
} from '../../sandbox/kubernetes/argocd/application';
import { ArgoCd } from '../../sandbox/kubernetes/argocd/argocd';
import { Clusters } from '../../sandbox/kubernetes/clusters/clusters';
import { externalSecrets } from '../../sandbox/kubernetes/external-secrets/external-secrets';
import { type KubernetesObject, World } from '../../sandbox/world';

const MACHINE = 'projects/p/zones/us-east1-b/instances/vm';

/** The sandbox's cluster, as large as the real one of this lane, with its Argo CD and External Secrets. */
export class Simulation {
  readonly world = World.inMemory();
  readonly remotes: GitRemotes;
  readonly cluster: Cluster;
  private readonly argo: ArgoCd;

  /** @param folder - for its Git repositories. */
  constructor(folder: string) {
    this.remotes = GitRemotes.open(folder);
    this.argo = new ArgoCd(this.remotes);
    this.world.data.machines[MACHINE] = {
      name: 'node-1',
      address: '10.0.0.2',
      architecture: 'amd64',
      memoryMiB: 32 * 1024,
      cpus: 8,
      disk: 'disk',
      startupScript: '',
      state: 'running',
    };
    // Every secret has a value, which serves as JSON too, and every image is in a registry that the sandbox does not know.
    const secrets = externalSecrets(() => ({ value: '{}' }));
    const clusters = new Clusters(this.world, {
      controllers: [this.argo, secrets],
      images: { find: () => 'unknown-registry' },
    });
    clusters.install(MACHINE, { nodeName: 'node-1', kubernetesVersion: '1.34.2', certificateNames: ['10.0.0.2'] });
    this.cluster = clusters.get(MACHINE) as Cluster;
  }

  stop(): void {
    this.world.clock.stop();
  }

  /** Applies objects and lets everything come to its end. @returns what it refuses. */
  async apply(objects: readonly KubernetesObject[]): Promise<string[]> {
    const refused = objects.flatMap((object) => {
      try {
        this.cluster.apply(object);
        return [];
      } catch (error) {
        return [`${object.kind} ${object.metadata.name}: ${(error as Error).message}`];
      }
    });
    await this.argo.reconcile(this.cluster);
    await this.cluster.settled();
    return refused;
  }

  /** Status of every Application by its name. */
  statuses(): Map<string, ApplicationStatus> {
    const apps = this.cluster.list(ARGO, 'Application') as Application[];
    return new Map(apps.map(({ metadata, status }) => [metadata.name, status ?? {}]));
  }

  /** The Application of that name. */
  application(name: string): KubernetesObject {
    return this.cluster.get(applicationRef('argocd', name)) as KubernetesObject;
  }
}
