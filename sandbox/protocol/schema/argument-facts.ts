/**
 * One validator of a provider: which, and its parameters. `as` is the name that its message gives to the argument, where
 * that is not the argument's own.
 */
export interface CheckFact {
  /** A name in `sandbox/protocol/checks.ts`. */
  readonly check: string;
  readonly of?: readonly (string | number)[];
  readonly as?: string;
  /** Another one that is enough. */
  readonly or?: CheckFact;
}

/** What a provider's own schema says of one argument in addition to the installed bindings. */
export interface ArgumentFacts {
  /** A change replaces the resource. @default - it changes in place */
  readonly replace?: true;
  /** What the provider plans where the configuration does not set it. */
  readonly default?: string | number | boolean;
  /** The provider's validators. */
  readonly checks?: readonly CheckFact[];
  /** The most elements, where it is more than one. */
  readonly max?: number;
  /** The fewest elements, where it is more than a required block's one. */
  readonly min?: number;
  /** A block that the cloud adds where the configuration has none. */
  readonly computed?: true;
  readonly sensitive?: true;
  /** Never in a plan or a state. */
  readonly writeOnly?: true;
  /** Arguments by their full name with indexes, such as `replication.0.auto`, as the provider writes them. */
  readonly conflictsWith?: readonly string[];
  readonly exactlyOneOf?: readonly string[];
  readonly atLeastOneOf?: readonly string[];
  readonly requiredWith?: readonly string[];
}
