import type { LayerId } from './layers';

/** What a layer exports to later ones. All values are strings. */
export interface Contract {
  /** The layer that exports them. */
  readonly layer: LayerId;
  /** Descriptions of the outputs, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** The output names of a contract. */
export type OutputName<C extends Contract> = keyof C['outputs'] & string;

/** The output values of a contract, by name. None may be missing or added. */
export type Outputs<C extends Contract> = Readonly<Record<OutputName<C>, string>>;
