import { messageOf } from '../../errors';
import type { Surroundings } from './surroundings';

/** What a check has found. */
export type Outcome =
  | { readonly state: 'ok'; readonly says: string }
  /** Something is wrong; `fix` is a command, or what a person does. */
  | { readonly state: 'not ok'; readonly says: string; readonly fix: string }
  /** It could not be found out, or does not apply here; `says` is why. */
  | { readonly state: 'not checked'; readonly says: string };

/** One thing that has to be right before a command can work, or the cause of a known trouble. */
export interface Check {
  /** Name, unique in all families. */
  readonly name: string;
  look(at: Surroundings): Promise<Outcome> | Outcome;
}

/** Checks about one thing. */
export interface Family {
  readonly family: string;
  readonly checks: readonly Check[];
}

/** The outcome of a check, with its names. */
export type Finding = { readonly family: string; readonly check: string } & Outcome;

export const ok = (says: string): Outcome => ({ state: 'ok', says });
export const wrong = (says: string, fix: string): Outcome => ({ state: 'not ok', says, fix });
export const unchecked = (says: string): Outcome => ({ state: 'not checked', says });

/** Runs all checks at once. A check that fails is reported as not checked, with the reason. */
export async function examine(families: readonly Family[], at: Surroundings): Promise<Finding[]> {
  const all = families.flatMap(({ family, checks }) => checks.map((check) => ({ family, check })));
  return Promise.all(
    all.map(async ({ family, check }) => ({ family, check: check.name, ...(await outcomeOf(check, at)) })),
  );
}

async function outcomeOf(check: Check, at: Surroundings): Promise<Outcome> {
  try {
    return await check.look(at);
  } catch (error) {
    const [first = ''] = messageOf(error).trim().split('\n');
    return unchecked(first || 'no reason given');
  }
}
