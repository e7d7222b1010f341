import { MemoryRefStore } from '../../delivery/git/memory-ref-store';
import { DeploymentLock } from '../../delivery/lock/deployment-lock';
import { TagWriter } from '../../delivery/tag/tag-writer';
import todoPlatform from '../../platforms/todo-platform/platform';
import type { ManualClock } from '../delivery/manual-clock';
import { MemoryHistory } from '../delivery/tag/histories';

const REF = 'refs/heads/main';
const history = new MemoryHistory([[], [0]]);

/** The tag in Git, and that of a newer commit. */
export const [OLD, NEXT] = [history.tag(0), history.tag(1)];

const targetOf = (service: string) => ({
  ...{ service, history, image: `docker.io/curiosinauts/scottseotech-${service}` },
  folder: `k8s/todo-platform/applications/${service}/overlays/prod`,
});

/** Services of the same environment. */
export const [API, BOT] = [targetOf('todo-api'), targetOf('todo-bot')];

/** The config repository of todo-platform, in memory: two services of production under one lock. */
export class LockGround {
  private constructor(private readonly store: MemoryRefStore) {}

  static async open(): Promise<LockGround> {
    const store = new MemoryRefStore();
    const files = new Map(
      [API, BOT].map(({ folder, image }) => [
        `${folder}/kustomization.yaml`,
        `images:\n- name: ${image}\n  newTag: ${OLD}\n`,
      ]),
    );
    const author = { name: 'a', email: 'a@example.com' };
    store.refs.set(REF, await store.commit({ author, date: new Date(0), message: 'first', files }));
    return new LockGround(store);
  }

  lock(clock: ManualClock, times = {}): DeploymentLock {
    return new DeploymentLock({ store: this.store, clock, platform: 'todo-platform', env: 'prod', times });
  }

  writer(clock: ManualClock): TagWriter {
    return new TagWriter({ store: this.store, clock, platform: todoPlatform, env: 'prod', run: '1' });
  }

  /** The tag of a service in Git. */
  async tagOf({ folder }: { readonly folder: string }): Promise<string | undefined> {
    const text = await this.store.file(this.store.refs.get(REF) ?? '', `${folder}/kustomization.yaml`);
    return /newTag: (\S+)/.exec(text ?? '')?.[1];
  }
}
