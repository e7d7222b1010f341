import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailedError } from '../../errors';
import type { PlanJson, ResourceChange } from '../plan';
import { TerraformError, type Stack as WholeStack } from '../stack';
import { googleProviderOf } from '../synthesised';
import { isNamedByGoogle, objectsLike } from './google-named';
import { importIdOf, type Planned } from './import-ids';

/** A resource that exists in the cloud and in no state. */
export interface Orphan {
  readonly address: string;
  readonly type: string;
  /** By which terraform imports it. */
  readonly id: string;
}

/** What the doctor needs of a stack. */
type Stack = Pick<WholeStack, 'id' | 'directory' | 'planJson' | 'apply'>;

/** File of import blocks in the working folder of a stack, as long as the doctor works. */
const IMPORTS = 'strata-doctor.tf.json';

/** What terraform and the providers say about an import of what does not exist. */
const MISSING = 'Cannot import non-existent remote object';

/** Plans of one search, at most: each finds or drops something. */
const ROUNDS = 40;

/**
 * Finds the resources that a plan would create although they exist: the provider is asked for each by an import block.
 *
 * @param known - ids that are in other states of the platform, which are never taken from there.
 */
export async function findOrphans(
  stack: Stack,
  { known = new Set(), env }: { readonly known?: ReadonlySet<string>; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Orphan[]> {
  const provider = googleProviderOf(readFileSync(join(stack.directory, 'cdk.tf.json'), 'utf8'));
  const missing = new Set<string>();
  let found = new Map<string, Orphan>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const plan = await planWith(stack, [...found.values()]);
      if (!plan.json) {
        const gone = [...found.values()].filter(({ address, id }) => plan.says(address) || plan.says(id));
        if (gone.length === 0) throw plan.error;
        for (const { address } of gone) missing.add(address);
        found = new Map([...found].filter(([address]) => !missing.has(address)));
        continue;
      }
      const candidates = creations(plan.json).filter(({ address }) => !missing.has(address) && !found.has(address));
      const next: Orphan[] = [];
      for (const { address, type, change } of candidates) {
        const planned = (change.after ?? {}) as Planned;
        const taken = new Set([...known, ...inState(plan.json), ...[...found.values(), ...next].map(({ id }) => id)]);
        const id = isNamedByGoogle(type)
          ? (await objectsLike(type, planned, String(provider['project'] ?? ''), env)).find((name) => !taken.has(name))
          : importIdOf(type, planned, provider);
        if (id !== undefined && !taken.has(id)) next.push({ address, type, id });
      }
      if (next.length === 0) return [...found.values()];
      for (const orphan of next) found.set(orphan.address, orphan);
    }
  } finally {
    rmSync(join(stack.directory, IMPORTS), { force: true });
  }
  throw new FailedError(`the search for orphans in ${stack.id} did not end after ${ROUNDS} plans`);
}

/** Plans the import of orphans, and applies that plan unless `confirm` throws. @throws {FailedError} if it would destroy anything */
export async function adopt(
  stack: Stack,
  orphans: readonly Orphan[],
  confirm: (plan: PlanJson) => Promise<void>,
): Promise<void> {
  writeImports(stack, orphans);
  try {
    const plan = await stack.planJson({ targets: orphans.map(({ address }) => address), lock: false });
    const destroyed = (plan.resource_changes ?? []).filter(({ change }) => change.actions.includes('delete'));
    if (destroyed.length > 0)
      throw new FailedError(
        `the imports of ${stack.id} would replace ${destroyed.map(({ address }) => address).join(', ')}: what exists differs ` +
          'from what the layer describes. Compare them, then delete the object or change the description',
      );
    await confirm(plan);
    await stack.apply();
  } finally {
    rmSync(join(stack.directory, IMPORTS), { force: true });
  }
}

/** A plan with imports, or why there is none. */
type Attempt =
  | { readonly json: PlanJson }
  | { readonly json?: undefined; readonly error: Error; says(name: string): boolean };

async function planWith(stack: Stack, orphans: readonly Orphan[]): Promise<Attempt> {
  writeImports(stack, orphans);
  try {
    return { json: await stack.planJson({ lock: false }) };
  } catch (error) {
    const refused = error instanceof TerraformError ? refusedImports(error.log) : '';
    if (!(error instanceof TerraformError) || refused === '') throw error;
    return { error, says: (name) => refused.includes(`"${name}"`) };
  }
}

/** What terraform says about imports of what does not exist. The partial plan before it names existing resources too. */
function refusedImports(log: string): string {
  const errors = log.split(/^[│ ]*Error: /m).slice(1);
  // Terraform breaks long lines of a message.
  return errors
    .filter((text) => text.startsWith(MISSING))
    .map((text) => text.replace(/\n[│ ]*/g, ' '))
    .join('\n');
}

function writeImports(stack: Stack, orphans: readonly Orphan[]): void {
  const blocks = orphans.map(({ address, id }) => ({ to: address, id }));
  writeFileSync(join(stack.directory, IMPORTS), `${JSON.stringify({ import: blocks }, null, 2)}\n`);
}

function creations(plan: PlanJson): ResourceChange[] {
  return (plan.resource_changes ?? []).filter(
    ({ mode, change }) => mode === 'managed' && !change.importing && change.actions.join() === 'create',
  );
}

/** Ids of everything in the state. */
function inState(plan: PlanJson): string[] {
  return (plan.resource_changes ?? []).flatMap(({ change }) => {
    const { id } = (change.before ?? {}) as Planned;
    return typeof id === 'string' ? [id] : [];
  });
}
