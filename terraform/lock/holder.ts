import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { z } from 'zod';
import { hasEnded, thisProcess } from '../../clients/process-identity';

/** Environment variable of every terraform that works under a lock of ours: the lock's id. */
export const RUN_VARIABLE = 'STRATA_STATE_LOCK';

/** What our commands add to a lock. */
const details = z.object({
  process: z.object({ machine: z.string(), pid: z.number(), started: z.string() }).optional(),
  /** What kept the run from ending well, once something has. */
  ended: z.string().optional(),
});

/**
 * Content of a state lock, as terraform's backends write and read it. `Info` is free text there; our commands put JSON into it.
 *
 * Source: https://github.com/hashicorp/terraform/blob/v1.13.0/internal/states/statemgr/locker.go, type LockInfo
 */
const lockInfo = z.object({
  ID: z.string().default(''),
  Operation: z.string().default(''),
  Info: z.string().default(''),
  Who: z.string().default('unknown'),
  Version: z.string().default(''),
  Created: z.string().default(''),
  Path: z.string().default(''),
});

type LockInfo = z.output<typeof lockInfo>;

/** Who holds a state lock. */
export interface Holder {
  readonly id: string;
  /** The run: a link of GitHub Actions, or user@host. */
  readonly who: string;
  readonly operation: string;
  /** RFC 3339, by the clock of the holder. */
  readonly since: string;
  /** Why the run is dead. @default - it is alive, or that cannot be known */
  readonly dead?: string;
}

/** A new lock of this process. @param env - environment variables that name the run in GitHub Actions */
export function newLock(operation: string, path: string, env: NodeJS.ProcessEnv = process.env): LockInfo {
  const process = thisProcess();
  return {
    ID: randomUUID(),
    Operation: operation,
    Info: JSON.stringify(process ? { process } : {}),
    Who: runOf(env),
    Version: '',
    Created: new Date().toISOString(),
    Path: path,
  };
}

/** The same lock, saying why its run did not end well. */
export function endedBy(lock: LockInfo, reason: string): LockInfo {
  return { ...lock, Info: JSON.stringify({ ...detailsOf(lock.Info), ended: reason }) };
}

/** Who holds a lock, from the content of its object. */
export function holderOf(content: string): Holder {
  const { ID, Operation, Info, Who, Created } = parse(content);
  const { process, ended } = detailsOf(Info);
  const dead = ended
    ? ended
    : process && hasEnded(process, { name: RUN_VARIABLE, value: ID })
      ? `its process ${process.pid} has ended`
      : undefined;
  return { id: ID, who: Who, operation: Operation, since: Created, ...(dead && { dead }) };
}

function parse(content: string): LockInfo {
  try {
    return lockInfo.parse(JSON.parse(content));
  } catch {
    return lockInfo.parse({});
  }
}

function detailsOf(info: string): z.output<typeof details> {
  try {
    return details.parse(JSON.parse(info));
  } catch {
    return {};
  }
}

function runOf(env: NodeJS.ProcessEnv): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (server && repository && run) return `${server}/${repository}/actions/runs/${run}`;
  return `${userInfo().username}@${hostname()}`;
}
