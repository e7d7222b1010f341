import type { World } from '../world';
import type { ProviderFacts } from './facts';
import type { Value, Values } from './values';

/**
 * What the cloud does when an argument of an existing resource changes: it changes in place, the resource is replaced,
 * or the change is refused while the resource runs (`stop`).
 */
export type Change = 'in-place' | 'replace' | 'stop';

/** The rule of one argument in addition to the provider's table. A bare `Change` is a rule without a check. */
export interface ArgumentRule {
  /** @default - what the provider's table says */
  readonly change?: Change | ((before: Value, after: Value) => Change);
  /** Whether two values mean the same: the provider then keeps the one that it has. */
  readonly same?: (before: Value, after: Value, values: Values, context: Context) => boolean;
  /** The cloud's message if a known value is invalid. */
  readonly check?: (value: Value, values: Values) => string | undefined;
}

/** Rules by argument path, list indexes left out: `name`, `boot_disk.source`, `labels` (one rule for a whole map). */
export type ArgumentRules = Readonly<Record<string, Change | ArgumentRule>>;

/** What a behaviour may use. */
export interface Context {
  readonly world: World;
  /** The provider block's own configuration, known values only. */
  readonly provider: Values;
  /** What the configuration says, write-only arguments too. Empty outside of an apply. */
  readonly config?: Values;
  /** The folders that terraform runs in: one, unless several run at once, or the system does not show them. */
  readonly folders?: () => readonly string[];
  /** The real environment of the terraform command is not reachable from here; this is the sandbox's HOME for `~`. */
  readonly home: string;
}

/** A refusal by the simulated provider or its cloud. Becomes a diagnostic on the resource that asked. */
export class ProviderError extends Error {
  /** @param summary - what a real provider would print first, such as `Error 409: ... already exists`. */
  constructor(
    readonly summary: string,
    readonly detail = '',
  ) {
    super(detail ? `${summary}: ${detail}` : summary);
  }
}

/** What came of a creation: its key in the cloud, and all attributes that are known now. */
export interface Created {
  readonly key: string;
  readonly values: Values;
}

/**
 * A resource that was created and did not become ready in time. Real providers set its id before they wait, so it goes into the
 * state, tainted.
 */
export class TaintedError extends ProviderError {
  constructor(
    { summary, detail }: ProviderError,
    readonly created: Created,
  ) {
    super(summary, detail);
  }
}

/** How one resource type behaves. Everything that is not said here follows from its schema. */
export interface ResourceBehaviour {
  readonly type: string;
  /**
   * Rules in addition to the provider's table. Where there is no table, arguments without an entry may be set (and are counted
   * as accepted unread) but never changed.
   */
  readonly arguments: ArgumentRules;
  /** Computed attributes that change with every update, and are unknown until then. */
  readonly recomputed?: readonly string[];
  /** Attributes that hold secrets; schemas of the packages do not say which. */
  readonly sensitive?: readonly string[];
  /**
   * Refuses at plan time what the real provider refuses at plan time, and returns the plan with what that one knows by
   * then. Values may be unknown.
   */
  plan?(planned: Values, prior: Values | null, context: Context): Values | Promise<Values>;
  /** Creates it; attributes left out become null. @throws {TaintedError} when it exists and does not become ready. */
  create(planned: Values, context: Context): Promise<Created>;
  /** Its attributes as they are now, or null when it is gone. */
  read(key: string, prior: Values, context: Context): Promise<Values | null>;
  update(key: string, prior: Values, planned: Values, context: Context): Promise<Values>;
  delete(key: string, prior: Values, context: Context): Promise<void>;
  /** Finds what `terraform import` names. */
  import?(id: string, context: Context): Promise<{ key: string; values: Values } | null>;
}

/** How one data source behaves. */
export interface DataBehaviour {
  readonly type: string;
  readonly arguments: ArgumentRules;
  readonly sensitive?: readonly string[];
  read(config: Values, context: Context): Promise<Values>;
}

/** One simulated provider. */
export interface ProviderBehaviour {
  /** `google`: prefix of its types and name of its package `@cdktf/provider-google`. */
  readonly name: string;
  /** The package that its schemas come from. @default - `name` */
  readonly package?: string;
  /** Arguments of its block that may come from the environment, by the variables that they come from. */
  readonly environment?: Readonly<Record<string, readonly string[]>>;
  /** `hashicorp/google`. */
  readonly source: string;
  readonly resources: readonly ResourceBehaviour[];
  readonly data: readonly DataBehaviour[];
  /** The provider's own table of its arguments. @default - unknown: rules are written by hand */
  readonly facts?: ProviderFacts;
  /** Refuses a provider block that the real one refuses. */
  configure?(config: Values, context: Context): void | Promise<void>;
}
