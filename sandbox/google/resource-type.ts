import type { ArgumentRules, Context } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import type { CloudObject, HiddenFacts } from '../world';
import type { Operation } from './durations';
import type { GoogleType } from './resource-types';

/** What a Google resource type does, in addition to its schema and `RESOURCE_TYPES`. */
export interface GoogleResource {
  readonly type: GoogleType;
  /** The id in place of `{#}` in its key. @default - the next number of the world */
  readonly number?: (values: Values, context: Context) => string;
  /** Rules in addition to the provider's table. @default - none */
  readonly arguments?: ArgumentRules;
  /** Computed attributes at creation. `id`, `self_link`, project, region, zone and labels are set without it. */
  readonly computed?: (values: Values, context: Context, key: string) => Values;
  /** Facts that the provider does not show. @default - none */
  readonly hidden?: (values: Values, context: Context, key: string) => HiddenFacts;
  /** Attributes that are computed again at every read. */
  readonly live?: (object: CloudObject, context: Context) => Values;
  /** Refuses a creation. */
  readonly validateCreate?: (values: Values, context: Context, key: string) => void;
  /** Does what a creation causes when it begins, such as copying what may change before it ends. */
  readonly beforeCreate?: (values: Values, context: Context, key: string) => void;
  /** Does what a creation causes when it ends, inside the same operation. */
  readonly afterCreate?: (values: Values, context: Context, key: string) => void | Promise<void>;
  /** Refuses an update, or does what it causes. */
  readonly beforeUpdate?: (prior: Values, values: Values, context: Context, key: string) => void | Promise<void>;
  /** Does what an update causes when it ends. @param values - as `beforeUpdate` left them */
  readonly afterUpdate?: (values: Values, context: Context, key: string) => void;
  /** Refuses a deletion, or does what it causes. */
  readonly beforeDelete?: (values: Values, context: Context, key: string) => void | Promise<void>;
  /** Detaches a resource that refers to it, so that it can be deleted. Returns whether it did. */
  readonly release?: (user: CloudObject, key: string, context: Context) => boolean;
  /** The key of the object that `terraform import` names, undefined for none. @default - every form of the id that has all names of the key */
  readonly imported?: (id: string) => string | undefined;
  /** Creating it twice is no conflict: grants and enabled services. */
  readonly idempotent?: boolean;
  /** What the provider knows at plan in addition to project and labels. Values may be unknown. */
  readonly known?: (planned: Values, context: Context) => Values;
  /** What the provider takes from its own block at plan. @default 'project' */
  readonly placed?: 'late' | 'project' | 'project and place';
  readonly recomputed?: readonly string[];
  readonly sensitive?: readonly string[];
  /** How long its operations take. */
  readonly durations: {
    readonly create: Operation | ((values: Values) => Operation);
    readonly update?: Operation;
    readonly delete: Operation;
  };
}
