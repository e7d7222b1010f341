import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayerId } from '../../contracts/layers';
import { stackId } from '../../contracts/layers';
import type { PlanJson, ResourceChange, ValueChange } from '../../terraform/plan';
import type { PlannableLayer } from '../../terraform/planning/environment';

/** A change of one resource; its actions follow from which values there are. */
export function resourceChange(
  address: string,
  { before, after, replaced, ...more }: Partial<ResourceChange['change']> & { replaced?: readonly string[] },
): ResourceChange {
  const both = before !== undefined && after !== undefined;
  const actions = replaced
    ? (['delete', 'create'] as const)
    : both
      ? (['update'] as const)
      : before === undefined
        ? (['create'] as const)
        : (['delete'] as const);
  return {
    address,
    type: address.split('.')[0] ?? '',
    mode: 'managed',
    change: {
      actions,
      before: before ?? null,
      after: after ?? null,
      ...(replaced && { replace_paths: replaced.map((path) => [path]) }),
      ...more,
    },
  };
}

/** A plan of a layer whose state has these outputs. */
export function planJson(
  outputs: Readonly<Record<string, unknown>>,
  resource_changes: readonly ResourceChange[] = [],
  output_changes: Readonly<Record<string, ValueChange>> = {},
): PlanJson {
  const kept = Object.entries(outputs).map(([name, value]): [string, ValueChange] => [
    name,
    { actions: ['no-op'], before: value, after: value },
  ]);
  return { resource_changes, output_changes: { ...Object.fromEntries(kept), ...output_changes } };
}

/** A layer whose stack plans what it is told, without terraform. */
export function fakeLayer(
  folder: string,
  layer: LayerId,
  planned: PlanJson | Error,
  options: {
    readonly reads?: Readonly<Record<string, readonly string[]>>;
    readonly outputs?: Record<string, unknown>;
  } = {},
): PlannableLayer {
  const id = stackId(layer, 'prod');
  const directory = join(folder, id);
  mkdirSync(directory, { recursive: true });
  const references = Object.entries(options.reads ?? {}).flatMap(([short, names]) =>
    names.map((name) => `\${data.terraform_remote_state.${short}.outputs.${name}}`),
  );
  const json = { resource: { kubernetes_manifest: { one: { references } } } };
  writeFileSync(join(directory, 'cdk.tf.json'), JSON.stringify(json));
  return {
    layer,
    stack: {
      id,
      directory,
      init: async () => {},
      planJson: async () => {
        if (planned instanceof Error) throw planned;
        return planned;
      },
      outputs: async () => options.outputs ?? {},
    },
  };
}
