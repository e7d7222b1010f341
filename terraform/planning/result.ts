import { z } from 'zod';
import { LAYERS } from '../../contracts/layers';

/** Longest string of a result: a plan that says more about one attribute tells a reviewer nothing. */
const text = z.string().max(4000);
const layer = z.enum(LAYERS.map(({ id }) => id));

const attribute = z.strictObject({
  /** Path of the attribute, such as `boot_disk[0].source`. */
  path: text,
  before: text,
  after: text,
});

const change = z.strictObject({
  address: text,
  type: text,
  action: z.enum(['create', 'import', 'update', 'replace', 'destroy', 'forget']),
  /** What an update changes, or what forces a replacement. */
  attributes: z.array(attribute),
  /** Why terraform destroys or replaces a resource whose attributes do not say it. */
  reason: text.optional(),
});

const output = z.strictObject({
  name: text,
  action: z.enum(['create', 'update', 'delete']),
  /** The layers that read it. */
  readers: z.array(layer),
});

const common = { layer, stack: text };

const layerPlan = z.discriminatedUnion('outcome', [
  z.strictObject({
    ...common,
    outcome: z.literal('planned'),
    /** True when the layer has been applied before. */
    deployed: z.boolean(),
    changes: z.array(change),
    outputs: z.array(output),
    /** Addresses that were changed outside of terraform since the last apply, and that the plan changes back. */
    drifted: z.array(text),
  }),
  z.strictObject({
    ...common,
    outcome: z.literal('waiting'),
    /** The earlier layer, and its outputs that are missing or will change. */
    for: layer,
    outputs: z.array(text),
    /** The resources that are synthesised, none of which is planned. */
    resources: z.array(text),
  }),
  z.strictObject({ ...common, outcome: z.literal('asleep'), message: text }),
  z.strictObject({ ...common, outcome: z.literal('failed'), message: text }),
]);

const guardHit = z.strictObject({
  /** Name of the guard, which `--allow` takes. */
  guard: text,
  /** Where: a layer, or an overlay. */
  place: text,
  /** The resource or object. */
  subject: text,
  /** What will happen. */
  message: text,
  /** What else is affected. */
  blastRadius: text,
});

/** The plan of an environment: what `npm run plan -- --json` prints, and what becomes a comment. */
export const environmentPlan = z.strictObject({
  version: z.literal(1),
  platform: z.string().regex(/^[a-z][a-z0-9-]*$/),
  env: z.string().regex(/^[a-z][a-z0-9-]*$/),
  layers: z.array(layerPlan),
  guards: z.array(guardHit),
  /** Outputs that a deployed layer reads and that would go away, each with the two steps that remove it safely. */
  contracts: z.array(text),
  /** What `npm run apply -- --plan` takes. @default - the plans were not stored */
  reference: text.optional(),
});

/** A change that was rehearsed on simulated clouds: what a pull request from a fork is judged by. */
export const rehearsedChange = z.strictObject({
  plan: environmentPlan,
  /** What it does to the application, its data and its recoveries. */
  lines: z.array(text).max(40),
});

/** A change that was rehearsed on simulated clouds. */
export type RehearsedChange = z.output<typeof rehearsedChange>;

/** The plan of an environment. */
export type EnvironmentPlan = z.output<typeof environmentPlan>;

/** The plan of one layer, or why there is none. */
export type LayerPlan = z.output<typeof layerPlan>;

/** A layer that terraform has planned. */
export type PlannedLayer = Extract<LayerPlan, { outcome: 'planned' }>;

/** What happens to one resource. */
export type Change = z.output<typeof change>;

/** What changes about one attribute. Values are shortened, and masked where terraform marks them as sensitive. */
export type AttributeChange = z.output<typeof attribute>;

/** What a guard found. */
export type GuardHit = z.output<typeof guardHit>;

/** True when terraform finds nothing to do in a layer. */
export function isQuiet(plan: LayerPlan): boolean {
  return plan.outcome === 'planned' && plan.changes.length === 0 && plan.outputs.length === 0;
}
