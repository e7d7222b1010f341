import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '../../errors';
import { type HeldBy, heldMessage } from '../lock/state-lock';
import type { PlanJson } from '../plan';
import { ERRORED_STATE, type Stack } from '../stack';
import { adopt, findOrphans, type Orphan } from './orphans';

/** What is wrong with the state of a layer. */
export interface Diagnosis {
  readonly stack: string;
  /** The lock, if somebody holds it. */
  readonly lock?: HeldBy;
  /** True if the last run could not write its state, which is still in its working folder. */
  readonly unwritten: boolean;
  /** In the cloud, and in no state. */
  readonly orphans: readonly Orphan[];
  /** In the state, and no longer in the cloud; the next apply creates those that the layer still describes. */
  readonly gone: readonly string[];
}

/** Whether there is something to repair. A lock of a live run and objects that are gone need no repair. */
export function isHealthy({ lock, unwritten, orphans }: Diagnosis): boolean {
  return !lock?.dead && !unwritten && orphans.length === 0;
}

/** Examines the state of one layer, and changes nothing. @param known - ids in other states */
export async function examine(
  stack: Stack,
  options: { readonly known?: ReadonlySet<string>; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Diagnosis> {
  const lock = await stack.lock?.holder();
  const unwritten = existsSync(join(stack.directory, ERRORED_STATE));
  const orphans = await findOrphans(stack, options);
  return {
    stack: stack.id,
    ...(lock && { lock }),
    unwritten,
    orphans,
    gone: goneIn(await stack.planJson({ lock: false })),
  };
}

/** How a layer is healed. */
export interface Healing {
  readonly known?: ReadonlySet<string>;
  readonly env?: NodeJS.ProcessEnv;
  /** Frees the lock of a run that may be alive. @default false */
  readonly breakLock?: boolean;
  say(line: string): void;
  /** Asks whether to apply the plan of the imports. @throws if not */
  confirm(plan: PlanJson, orphans: readonly Orphan[]): Promise<void>;
}

/**
 * Frees a dead lock, writes a state that was not written, and imports orphans. Can be run again after any failure.
 *
 * @throws {RefusedError} if a run that may be alive holds the lock.
 */
export async function heal(stack: Stack, healing: Healing): Promise<void> {
  const { say, confirm, breakLock = false, ...options } = healing;
  const holder = await stack.lock?.holder();
  if (holder) {
    if (!holder.dead && !breakLock) throw new RefusedError(heldMessage(stack.id, holder));
    await stack.lock?.free(holder);
    say(
      `freed the state lock of ${stack.id}, held by ${holder.who} since ${holder.since}: ${holder.dead ?? 'as told'}`,
    );
  }
  const errored = join(stack.directory, ERRORED_STATE);
  if (existsSync(errored)) {
    await stack.pushState(ERRORED_STATE);
    rmSync(errored);
    say(`wrote the state of ${stack.id} that the last run could not write`);
  }
  const orphans = await findOrphans(stack, options);
  if (orphans.length === 0) return;
  await adopt(stack, orphans, (plan) => confirm(plan, orphans));
  for (const { address, id } of orphans) say(`imported ${address} (${id})`);
}

/** What a plan found missing in the cloud. */
function goneIn({ resource_drift = [] }: PlanJson): string[] {
  return resource_drift.filter(({ change }) => change.actions.includes('delete')).map(({ address }) => address);
}
