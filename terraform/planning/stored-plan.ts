import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { FileStore } from '../../clients/bucket';
import { LAYERS, type LayerId } from '../../contracts/layers';
import { RefusedError, UsageError } from '../../errors';
import { type EnvironmentPlan, environmentPlan, isQuiet } from './result';

/** Terraform's record of the provider versions and their checksums, in the folder of a stack. */
const LOCK_FILE = '.terraform.lock.hcl';

const REFERENCE = /^\d{8}-\d{6}-[0-9a-f]{12}$/;

const layer = z.enum(LAYERS.map(({ id }) => id));
const storedPlan = z.strictObject({
  version: z.literal(1),
  result: environmentPlan,
  /** For each layer with a plan file, what the plan is bound to. */
  bindings: z.partialRecord(
    layer,
    z.strictObject({
      /** SHA-256 of the synthesised JSON and of terraform's lock file. */
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      /** The lock file, with which the plan is applied. @default - terraform wrote none */
      lock: z.string().optional(),
    }),
  ),
});

/** A plan that was stored to be applied after a review. */
export type StoredPlan = z.output<typeof storedPlan>;

/** A stack whose plan is stored or applied. */
interface Place {
  readonly directory: string;
  readonly planFile: string;
}

/** The stored plans of an environment. They hold secret values: only who applies may read them. */
export class StoredPlans {
  constructor(private readonly store: FileStore) {}

  /**
   * Stores the plan files of an environment.
   *
   * @param stacks - the stacks, whose folders hold the plan files.
   * @returns the reference that `load` takes.
   */
  async save(result: EnvironmentPlan, stacks: ReadonlyMap<LayerId, Place>, now: Date): Promise<string> {
    const planned = result.layers.filter((plan) => plan.outcome === 'planned' && !isQuiet(plan));
    const places = planned.flatMap(({ layer }) => {
      const place = stacks.get(layer);
      return place ? [{ layer, place }] : [];
    });
    const bindings = Object.fromEntries(places.map(({ layer, place }) => [layer, bindingOf(place.directory)]));
    const digest = sha256(JSON.stringify([result, bindings])).slice(0, 12);
    const reference = `${now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${digest}`;
    for (const { layer, place } of places)
      await this.store.create(`${reference}/${layer}.tfplan`, readFileSync(place.planFile));
    // Written last: a plan that was stored in part cannot be found.
    const stored: StoredPlan = { version: 1, result: { ...result, reference }, bindings };
    await this.store.create(`${reference}/plan.json`, JSON.stringify(stored));
    return reference;
  }

  /** Reads a stored plan. @throws {UsageError} if the reference is none, or names a plan of another environment */
  async load(reference: string, owner: { readonly platform: string; readonly env: string }): Promise<StoredPlan> {
    if (!REFERENCE.test(reference))
      throw new UsageError(
        `--plan "${reference}" is not a reference; expected one such as 20260105-093000-0123456789ab, which npm run plan prints`,
      );
    const text = (await this.store.read(`${reference}/plan.json`)).toString();
    const stored = storedPlan.parse(JSON.parse(text));
    const { platform, env } = stored.result;
    if (platform !== owner.platform || env !== owner.env)
      throw new UsageError(`plan ${reference} is of ${platform} ${env}, not of ${owner.platform} ${owner.env}`);
    return stored;
  }

  /**
   * Puts the plan file of a layer and its lock file into the folder of the stack.
   *
   * @throws {RefusedError} if the stack was synthesised from another configuration than the plan.
   */
  async fetch(reference: string, { bindings }: StoredPlan, layer: LayerId, place: Place): Promise<void> {
    const bound = bindings[layer];
    if (!bound) throw new UsageError(`plan ${reference} has no plan of ${layer}`);
    if (bound.lock !== undefined) writeFileSync(join(place.directory, LOCK_FILE), bound.lock);
    if (bindingOf(place.directory).digest !== bound.digest)
      throw new RefusedError(
        `plan ${reference} of ${layer} was made from another configuration than this checkout; check out what was reviewed, or plan again`,
      );
    writeFileSync(place.planFile, await this.store.read(`${reference}/${layer}.tfplan`), { mode: 0o600 });
  }
}

/** What a plan of a stack is bound to: the synthesised JSON, which a squash or a rebase leaves as it is, and the lock file. */
function bindingOf(directory: string): { digest: string; lock?: string } {
  const file = join(directory, LOCK_FILE);
  const lock = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const json = readFileSync(join(directory, 'cdk.tf.json'), 'utf8');
  return { digest: sha256(`${json}\0${lock ?? ''}`), ...(lock !== undefined && { lock }) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
