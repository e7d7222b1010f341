import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../clients/clock';
import { GitRefStore } from '../../delivery/git/git-ref-store';
import type { RefStore } from '../../delivery/git/ref-store';
import { DeploymentLock } from '../../delivery/lock/deployment-lock';
import { TagWriter } from '../../delivery/tag/tag-writer';
import { defaultPlatform, loadPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';

/** Added to every call of a remote, in milliseconds: what GitHub takes. */
const LATENCY = 50;

/** Time between two polls of a lock, in milliseconds; in production it is 10 s. */
const POLL = 500;

const platform = loadPlatform(defaultPlatform());

/** Where all processes write. */
export interface Contention {
  /** Folder with the bare repository `config.git` and the variable that serves as a lock. */
  readonly folder: string;
  /** Index of the process, which sets the tag of its own image. */
  readonly index: number;
}

/** File of the repository with all tags. */
export const TAGS = 'k8s/kustomization.yaml';

/** The tag that a process sets. */
export function tagOf(index: number): string {
  return (index + 0xabc0000).toString(16);
}

/** Ways in which many processes write tags. Each throws if it knows that its tag was not written. */
export const STRATEGIES: Readonly<Record<string, (contention: Contention) => Promise<void>>> = {
  'tag set': (contention) => ours(contention, 'local'),
  'tag set under the lock': (contention) => ours(contention, 'prod'),
  'pull, rebase, push until it works': async (contention) => inClone(contention, 100),
  'variable as a lock': variableLock,
};

async function ours({ folder, index }: Contention, env: string): Promise<void> {
  const git = await GitRefStore.open(`file://${join(folder, 'config.git')}`);
  const store: RefStore = {
    read: async (...refs) => {
      await sleep(LATENCY);
      return git.read(...refs);
    },
    push: async (updates) => {
      await sleep(LATENCY);
      return git.push(updates);
    },
    commit: (draft) => git.commit(draft),
    message: (commit) => git.message(commit),
    file: (commit, path) => git.file(commit, path),
    log: (commit, path, limit) => git.log(commit, path, limit),
    descends: (commit, ancestor) => git.descends(commit, ancestor),
  };
  // Every tag moves forward: this is about writing.
  const history = { find: async (commit: string) => commit, descends: async () => true };
  const target = { service: `s${index}`, image: `reg/s${index}`, folder: 'k8s', history };
  const writer = new TagWriter({ store, clock: systemClock, platform, env, run: String(index) });
  try {
    if (!environmentOf(platform, env).delivery.lock) {
      await writer.set([{ target, tag: tagOf(index) }]);
      return;
    }
    const times = { poll: POLL, wait: 600_000 };
    const lock = new DeploymentLock({ store, clock: systemClock, platform: platform.name, env, times });
    const held = await lock.take({ owner: `s${index}`, run: String(index) });
    await writer.set([{ target, tag: tagOf(index) }], { lock: held });
    await held.release();
  } finally {
    git.close();
  }
}

/** A variable as a lock: it is read, and then set. */
async function variableLock(contention: Contention): Promise<void> {
  const file = join(contention.folder, 'variable');
  const own = `s${contention.index}-1`;
  for (;;) {
    await sleep(LATENCY);
    if (!existsSync(file) || readFileSync(file, 'utf8') === 'null') break;
    await sleep(POLL);
  }
  await sleep(LATENCY);
  writeFileSync(file, own);
  try {
    await inClone(contention, 1);
  } finally {
    await sleep(LATENCY);
    writeFileSync(file, 'null');
  }
}

/** Edits in a clone, as many workflows do. @param tries - how often it pulls and pushes */
async function inClone({ folder, index }: Contention, tries: number): Promise<void> {
  const clone = mkdtempSync(join(tmpdir(), 'strata-clone-'));
  const git = async (...args: string[]) => {
    if (['clone', 'pull', 'push'].includes(args[0] ?? '')) await sleep(LATENCY);
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: clone,
      stdio: 'pipe',
    });
  };
  try {
    await git('clone', '--quiet', `file://${join(folder, 'config.git')}`, '.');
    const path = join(clone, TAGS);
    const entry = new RegExp(`(name: reg/s${index}\\n  newTag: )\\S+`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(entry, `$1${tagOf(index)}`));
    await git('commit', '--quiet', '-am', `deploy: s${index} ${tagOf(index)}`);
    for (let left = tries; ; left--) {
      try {
        if (left < tries) await git('pull', '--quiet', '--rebase');
        await git('push', '--quiet');
        return;
      } catch (error) {
        if (left === 1) throw error;
        // A rebase that met a conflict is given up, and tried on the next head.
        await git('rebase', '--abort').catch(() => undefined);
      }
    }
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}
