import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOT } from '../../delivery/git/bot';
import { GitRefStore } from '../../delivery/git/git-ref-store';
import { defaultPlatform, loadPlatform } from '../../platforms/load';
import { TAGS, tagOf } from './strategies';

/** What came of many processes that wrote a tag each. */
export interface Contended {
  readonly strategy: string;
  readonly seconds: number;
  /** Tags that are in the branch at the end. */
  readonly written: number;
  /** Processes that believe their tag is in, and are wrong. */
  readonly lost: number;
  /** Processes that ended with an error. */
  readonly failed: number;
}

/** Lets processes write to one repository, all at the same moment. */
export async function contend(strategy: string, processes: number): Promise<Contended> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-contention-'));
  try {
    const path = join(folder, 'config.git');
    const { branch } = loadPlatform(defaultPlatform()).repository;
    execFileSync('git', ['init', '--quiet', '--bare', '--template=', '-b', branch, path]);
    const indices = Array.from({ length: processes }, (_, index) => index);
    const entries = indices.map((index) => `- name: reg/s${index}\n  newTag: 8caff6f\n`);
    const store = await GitRefStore.open(`file://${path}`);
    const ref = `refs/heads/${branch}`;
    const files = new Map([[TAGS, `images:\n${entries.join('')}`]]);
    const next = await store.commit({ author: BOT, date: new Date(), message: 'tags', files });
    await store.push([{ ref, expected: null, next }]);
    const workers = indices.map((index) => {
      const args = ['-r', './register.cjs', join(__dirname, 'worker.ts'), strategy, folder, String(index)];
      return spawn(process.execPath, args, { cwd: join(__dirname, '../..'), stdio: ['pipe', 'pipe', 'ignore'] });
    });
    await Promise.all(workers.map(({ stdout }) => once(stdout, 'data')));
    const start = performance.now();
    const codes = await Promise.all(
      workers.map(async (worker) => {
        const closed = once(worker, 'close');
        worker.stdin.end('go\n');
        return (await closed)[0] as number | null;
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    const { [ref]: head = null } = await store.read(ref);
    const text = (await store.file(head ?? '', TAGS)) ?? '';
    store.close();
    const isIn = indices.map((index) => text.includes(`reg/s${index}\n  newTag: ${tagOf(index)}`));
    return {
      strategy,
      seconds,
      written: isIn.filter(Boolean).length,
      lost: codes.filter((code, index) => code === 0 && !isIn[index]).length,
      failed: codes.filter((code) => code !== 0).length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
