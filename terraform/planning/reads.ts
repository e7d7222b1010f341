import { LAYERS, type LayerId } from '../../contracts/layers';

/** Names of the outputs that a layer reads, by the layer that exports them. */
export type Reads = ReadonlyMap<LayerId, readonly string[]>;

/** What CDKTF writes for an output of an earlier layer: the data source has the short name of that layer. */
const REFERENCE = /\bdata\.terraform_remote_state\.([\w-]+)\.outputs\.(\w+)/g;
const OWN_REFERENCE = /\bself\.outputs\.(\w+)/g;

/** A synthesised stack, as far as this file reads it. */
interface Synthesised {
  readonly data?: { readonly terraform_remote_state?: Readonly<Record<string, unknown>> };
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The outputs of earlier layers that a synthesised stack reads. @param json - its `cdk.tf.json` */
export function readsOf(json: string): Reads {
  const { data } = JSON.parse(json) as Synthesised;
  const pairs = [
    ...[...json.matchAll(REFERENCE)].map(([, short = '', output = '']) => ({ short, output })),
    ...Object.entries(data?.terraform_remote_state ?? {}).flatMap(([short, source]) =>
      [...JSON.stringify(source).matchAll(OWN_REFERENCE)].map(([, output = '']) => ({ short, output })),
    ),
  ];
  const found = LAYERS.map(({ id, short }) => {
    const outputs = pairs.filter((pair) => pair.short === short).map(({ output }) => output);
    return [id, [...new Set(outputs)].sort()] as const;
  });
  return new Map(found.filter(([, outputs]) => outputs.length > 0));
}

/** Addresses of the resources that a stack describes. @param json - its `cdk.tf.json` */
export function resourcesOf(json: string): string[] {
  const { resource = {} } = JSON.parse(json) as Synthesised;
  return Object.entries(resource).flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`));
}
