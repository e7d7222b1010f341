import { FailedError } from '../../errors';
import type { Clock } from '../clock';
import { BOT } from '../git/bot';
import type { CommitId, RefStore } from '../git/ref-store';

/** Who takes a lock: what is deployed, and the run that does it. */
export interface Holder {
  /** What is being deployed (`todo-api`), or the person who does maintenance. */
  readonly owner: string;
  /** The run, so that another run of the same owner is somebody else: `123456789.1`. */
  readonly run: string;
}

/** How a lock came to be as it is. */
export type LockAction = 'take' | 'renew' | 'write' | 'release' | 'break';

/** What a commit of a lock ref says. */
export interface LockRecord extends Holder {
  readonly state: 'held' | 'free';
  readonly action: LockAction;
  /** How often the ref has moved. It only ever grows. */
  readonly counter: number;
  /** Distinguishes two clients that give themselves the same owner and run. */
  readonly token: string;
  /** When it was taken, by the holder's clock: shown to people, compared with nothing. RFC 3339. */
  readonly since: string;
  /** When the ref moved, likewise. RFC 3339. */
  readonly at: string;
  /** Why it was taken or broken. @default - a deployment */
  readonly reason?: string;
  /** Whose lock expired or was broken before. @default - nobody's */
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
      `the lock ref has a commit that is not of a lock: "${message.split('\n')[0]}"; ` +
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
