import type { CommitId, RefStore } from '../../delivery/git/ref-store';
import { type LockRecord, parseRecord } from '../../delivery/lock/record';
import { type Ending, FILE, LOCK, MAIN } from './client';

type Refs = ReadonlyMap<string, CommitId>;

/**
 * Checks one push that was done.
 *
 * @param deploys - false for a person, who knows no lock
 * @throws Error naming what it broke
 */
export async function checkMove(
  commits: RefStore,
  before: Refs,
  after: Refs,
  client: number,
  deploys: boolean,
): Promise<void> {
  const record = await recordOf(commits, before);
  const next = await recordOf(commits, after);
  const token = `token-${client}`;
  const isDeployer = next?.token === token;
  if (before.get(MAIN) !== after.get(MAIN)) {
    const old = await linesOf(commits, before);
    const now = await linesOf(commits, after);
    if (!old.every((line) => now.includes(line)))
      throw new Error(`client ${client} lost an update: ${old} became ${now}`);
    if (deploys && !(record?.state === 'held' && record.token === token)) {
      throw new Error(`client ${client} wrote without the lock`);
    }
  }
  if (before.get(LOCK) === after.get(LOCK)) return;
  if (!next) throw new Error(`client ${client} deleted the lock`);
  if (next.counter !== (record?.counter ?? 0) + 1)
    throw new Error(`the counter went from ${record?.counter} to ${next.counter}`);
  if (!isDeployer) throw new Error(`client ${client} moved the lock of ${next.owner}`);
  if (next.state === 'free' && record?.token !== token)
    throw new Error(`client ${client} freed the lock of ${record?.owner}`);
}

const records = new Map<CommitId, LockRecord>();

async function recordOf(commits: RefStore, refs: Refs): Promise<LockRecord | undefined> {
  const id = refs.get(LOCK);
  if (!id) return undefined;
  const record = records.get(id) ?? parseRecord(await commits.message(id));
  records.set(id, record);
  return record;
}

async function linesOf(commits: RefStore, refs: Refs): Promise<string[]> {
  const head = refs.get(MAIN);
  return ((head && (await commits.file(head, FILE))) ?? '').split('\n').filter(Boolean);
}

/** Checks what a client believes when it has ended. @throws Error when it is wrong */
export function checkEnding(client: number, ending: Ending, lines: readonly string[]): void {
  const times = lines.filter((line) => line === `client-${client}`).length;
  const expected = ending === 'written' || ending === 'lost-after' ? 1 : 0;
  if (times !== expected) throw new Error(`client ${client} ended as ${ending}, and is ${times} times in the file`);
}
