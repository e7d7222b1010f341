import type { ArgumentRules, Context } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import type { CloudObject, World } from '../world';
import type { Operation } from './durations';

/** A Google resource in a few lines: the parts that its schema does not tell. */
export interface GoogleResource {
  readonly type: string;
  /** What Google calls it in messages: `network`. */
  readonly noun: string;
  /** Its name in the API, from its attributes: `projects/{project}/global/networks/{name}`; `{#}` is an id that Google gives. */
  readonly key: string;
  /** That id. @default - the next number of the world */
  readonly number?: (values: Values, context: Context) => string;
  /** Rules besides the provider's table. @default - none */
  readonly arguments?: ArgumentRules;
  /** Arguments that name other resources, by path, and the type they name. Those must exist, and cannot go before it. */
  readonly refers?: Readonly<Record<string, string>>;
  /** What it refers to is copied while it is made, and may go afterwards: a disk and its snapshot. */
  readonly copies?: boolean;
  /** Brings into the world what Google has brought without anybody asking, by its key: a network `default`. */
  readonly given?: (key: string, world: World) => Values | undefined;
  /** The type that it is a part of: it keeps no such resource from being deleted, and goes with it. */
  readonly partOf?: string;
  /** Computed attributes at creation. `id`, `self_link`, project, region, zone and labels come by themselves. */
  readonly computed?: (values: Values, context: Context, key: string) => Values;
  /** Attributes that are looked up afresh at every read. */
  readonly live?: (object: CloudObject, context: Context) => Values;
  /** Refuses a creation for reasons of its own. */
  readonly admit?: (values: Values, context: Context, key: string) => void;
  /** Refuses an update, or does what it sets off. */
  readonly change?: (prior: Values, values: Values, context: Context, key: string) => void | Promise<void>;
  /** Whether what refers to it has let go of it, so that it can be deleted. */
  readonly release?: (user: CloudObject, key: string, context: Context) => boolean;
  /** Runs after it was made, inside the same operation. */
  readonly made?: (values: Values, context: Context, key: string) => void | Promise<void>;
  /** Refuses a deletion, or does what it sets off. */
  readonly unmake?: (values: Values, context: Context, key: string) => void | Promise<void>;
  /** The key of the object that `terraform import` names, undefined for none. @default - every form of the id that has all names of the key */
  readonly imported?: (id: string) => string | undefined;
  /** Making it twice is no conflict: grants and switches. */
  readonly idempotent?: boolean;
  /** What the provider knows at plan already, besides its project and its labels. Values may be unknown. */
  readonly known?: (planned: Values, context: Context) => Values;
  /** What the provider takes from its own block at plan already. @default 'project' */
  readonly placed?: 'late' | 'project' | 'project and place';
  readonly recomputed?: readonly string[];
  readonly sensitive?: readonly string[];
  readonly takes: {
    readonly create: Operation | ((values: Values) => Operation);
    readonly update?: Operation;
    readonly delete: Operation;
  };
}

const byType = new Map<string, GoogleResource>();

/** Makes a type known to those that refer to it. */
export function register(spec: GoogleResource): void {
  byType.set(spec.type, spec);
}

/** The description of a type, when it is simulated. */
export function resourceType(type: string): GoogleResource | undefined {
  return byType.get(type);
}

/** The descriptions of all simulated types. */
export function resourceTypes(): GoogleResource[] {
  return [...byType.values()];
}
