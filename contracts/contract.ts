import type { LayerId } from './layers';

/** What a layer exports to later ones: output names, each with what it holds. All values are strings. */
export interface Contract {
  readonly layer: LayerId;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The output names of a contract. */
export type OutputName<C extends Contract> = keyof C['outputs'] & string;

/** The output values of a contract, by name: every one of them, and no other. */
export type Outputs<C extends Contract> = Readonly<Record<OutputName<C>, string>>;
