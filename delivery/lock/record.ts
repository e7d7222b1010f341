import type { Clock } from '../../clients/clock';
import { FailedError } from '../../errors';
import { BOT } from '../git/bot';
import type { CommitId, RefStore } from '../git/ref-store';

/** The holder of a lock: what is deployed, and the run that does it. */
export interface Holder {
  /** The deployed service (`todo-api`), or the person who does maintenance. */
  readonly owner: string;
  /** The run, which distinguishes runs of the same owner: `123456789.1`. */
  readonly run: string;
}

/** The action that led to the state of a lock. */
export type LockAction = 'take' | 'renew' | 'write' | 'release' | 'break';

/** The record in a commit of a lock ref. */
export interface LockRecord extends Holder {
  readonly state: 'held' | 'free';
  readonly action: LockAction;
  /** Number of moves of the ref. It never decreases. */
  readonly counter: number;
  /** Distinguishes two clients with the same owner and run. */
  readonly token: string;
  /** When it was taken, by the holder's clock. Only shown to people, never compared. RFC 3339. */
  readonly since: string;
  /** When the ref moved, by the holder's clock. RFC 3339. */
  readonly at: string;
  /** Why it was taken or broken. @default - a deployment */
  readonly reason?: string;
  /** The previous holder, whose lock expired or was broken. @default - none */
  readonly previous?: string;
}

const REQUIRED = ['state', 'action', 'owner', 'run', 'counter', 'token', 'since', 'at'] as const;
const OPTIONAL = ['reason', 'previous'] as const;

/** The message of a lock commit: a sentence, and a trailer for each field. */
export function formatRecord(lock: string, record: LockRecord): string {
  const fields = [...REQUIRED, ...OPTIONAL].flatMap((key) => {
    const value = record[key];
    return value === undefined ? [] : [`${key[0]?.toUpperCase()}${key.slice(1)}: ${oneLine(String(value))}`];
  });
  const subject = `lock: ${record.action} ${lock} for ${oneLine(record.owner)}`;
  return `${subject}\n\n${fields.join('\n')}\n`;
}

/** Reads the message of a lock commit. @throws {FailedError} when it is not one */
export function parseRecord(message: string): LockRecord {
  const fields = new Map<string, string>();
  for (const [, key = '', value = ''] of message.matchAll(/^([A-Z][a-z]+): (.*)$/gm))
    fields.set(key.toLowerCase(), value);
  const counter = Number(fields.get('counter'));
  const complete = REQUIRED.every((key) => fields.has(key)) && Number.isSafeInteger(counter);
  if (!complete || !['held', 'free'].includes(fields.get('state') ?? '')) {
    throw new FailedError(
      `the lock ref points to a commit that is not a lock: "${message.split('\n')[0]}"; ` +
        'find out who pushed it, then delete the ref with git push --delete',
    );
  }
  return { ...(Object.fromEntries(fields) as unknown as LockRecord), counter };
}

/** Creates the commit of a record: without files, a child of where the ref was seen. */
export function draftLockCommit(
  store: RefStore,
  clock: Clock,
  lock: string,
  parent: CommitId | undefined,
  record: LockRecord,
): Promise<CommitId> {
  return store.commit({
    parent,
    author: BOT,
    date: clock.date(),
    message: formatRecord(lock, record),
    files: 'empty',
  });
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ').trim();
}
