import builtIn from './built-in.json';
import ofCharts from './charts.json';

/** A schema as the API server publishes it, without descriptions. */
export interface Schema {
  /** Name of a type in the same file. */
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** A file that `sandbox/tools/schemas.ts` writes. */
export interface Schemas {
  /** What the schemas were read from. */
  readonly source: string;
  /** Names of types by API version and kind: `apps/v1 Deployment`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, Schema>>;
}

/** The schema of a kind, and how its references are resolved. */
export interface KindSchema {
  readonly schema: Schema;
  readonly types: Readonly<Record<string, Schema>>;
  /** Whether the kind is a custom resource: the API server then validates values by the schema too. */
  readonly isCustom: boolean;
}

const BUILT_IN: Schemas = builtIn;
const OF_CHARTS: Schemas = ofCharts;

/** Metadata of every object. */
export const OBJECT_META: KindSchema = {
  schema: { $ref: 'meta.v1.ObjectMeta' },
  types: BUILT_IN.types,
  isCustom: false,
};

/** The schema of a built-in kind, or of one that a known chart defines. Undefined for all others. */
export function schemaOfKind(apiVersion: string, kind: string): KindSchema | undefined {
  return found(BUILT_IN, `${apiVersion} ${kind}`, false) ?? found(OF_CHARTS, `${apiVersion} ${kind}`, true);
}

function found({ kinds, types }: Schemas, kind: string, isCustom: boolean): KindSchema | undefined {
  const schema = types[kinds[kind] ?? ''];
  return schema && { schema, types, isCustom };
}
