import type { KubernetesObject } from '../../world';
import type { Schema } from '../schemas/schema';
import { kindOf } from './kind';

/** The schema of a custom resource, or of a part of it, with defaults. */
export interface StructuralSchema extends Schema {
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly default?: unknown;
}

/** A CustomResourceDefinition. */
export type Definition = KubernetesObject<{
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly plural: string; readonly shortNames?: string[] };
  readonly versions: readonly {
    readonly name: string;
    readonly served?: boolean;
    readonly storage?: boolean;
    readonly schema?: { readonly openAPIV3Schema?: StructuralSchema };
    readonly additionalPrinterColumns?: readonly {
      readonly name: string;
      readonly type: string;
      readonly jsonPath: string;
      readonly priority?: number;
    }[];
  }[];
}>;

export const DEFINITIONS = kindOf<Definition>('apiextensions.k8s.io', 'CustomResourceDefinition');
