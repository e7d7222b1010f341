import { RefusedError } from '../errors';
import type { Restore } from '../platforms/schema/restore';
import { type Choice, chooseSnapshot } from './choose-snapshot';
import { checksOf } from './restore-checks';
import { ALLOWABLE, type Check, type RestoreFacts, type Subject } from './restore-facts';
import type { Snapshot } from './snapshots';

/** The plan of a restore. */
export interface RestorePlan {
  readonly snapshot: Snapshot;
  /** The environment's entry in restore.json. */
  readonly restore: Restore;
  readonly checks: readonly Check[];
}

/** No snapshot can be restored. The message gives the reason for each one. */
class NoSnapshotError extends RefusedError {
  constructor({ owner, from, snapshots }: RestoreFacts, { refused }: Choice) {
    const reasons = refused.map(({ name, reason }) => `\n  ${name} ${reason}`).join('');
    const named = typeof from === 'object' && 'name' in from;
    const none = snapshots.length === 0 || !named ? 'none has its labels' : `none has the name ${from.name}`;
    super(
      `no snapshot to restore ${owner.platform} ${owner.environment} from${reasons || `\n  ${none}`}\n` +
        `list them with: npm run snapshot -- list --platform ${owner.platform} --env ${owner.environment}`,
    );
  }
}

/**
 * Chooses the snapshot and the next generation of the boot disk, and checks both. Pure: it reads and changes nothing.
 *
 * @throws {NoSnapshotError} when no snapshot fits. Checks of the chosen one do not throw: see `assertRestorable`.
 */
export function planRestore(facts: RestoreFacts): RestorePlan {
  const { owner, present, diskId, from, layer } = facts;
  const lineage = lineageOf(facts);
  const choice = chooseSnapshot(facts.snapshots, {
    owner,
    lineage,
    ...(layer && { layer }),
    ...(from !== 'latest' && from),
  });
  if (!choice.snapshot) throw new NoSnapshotError(facts, choice);
  return {
    snapshot: choice.snapshot,
    checks: checksOf(choice.snapshot, facts, lineage),
    restore: {
      ...present,
      generation: nextGeneration(present),
      snapshot: choice.snapshot.name,
      zone: facts.target.zone === facts.homeZone ? undefined : facts.target.zone,
      // The earliest disk that may still exist: unfinished restores have left theirs.
      previous: present.previous ?? {
        generation: present.generation,
        ...(present.snapshot && { snapshot: present.snapshot }),
        ...(present.zone && { zone: present.zone }),
      },
      abandoned: undefined,
      finished: undefined,
      lineage: diskId ? lineage : present.lineage,
    },
  };
}

/** The generation of the next disk: names of earlier ones may still be in use. */
export function nextGeneration({ generation, abandoned }: Restore): number {
  return Math.max(generation, abandoned?.generation ?? 0) + 1;
}

/**
 * Stops a restore with the reason of each refused check, and what to do about it.
 *
 * @param allowed - subjects that a person has allowed this time.
 * @throws {RefusedError}
 */
export function assertRestorable({ snapshot, checks }: RestorePlan, allowed: readonly string[] = []): void {
  const refused = checks.filter(({ outcome, subject }) => outcome === 'refused' && !isAllowed(subject, allowed));
  if (refused.length === 0) return;
  const lines = refused.map(({ subject, finding, next }) => `\n  ${subject}: ${finding}${next ? `; ${next}` : ''}`);
  throw new RefusedError(`snapshot ${snapshot.name} is not restored:${lines.join('')}`);
}

function isAllowed(subject: Subject, allowed: readonly string[]): boolean {
  return ALLOWABLE.some((one) => one === subject) && allowed.includes(subject);
}

function lineageOf({ diskId, present }: RestoreFacts): string[] {
  return [...new Set([...(diskId ? [diskId] : []), ...(present.lineage ?? [])])];
}
