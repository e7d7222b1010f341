import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadPlatform } from '../../platforms/load';
import { makerOf, stackOf } from '../../platforms/schema/environment';
import { charts } from '../../sandbox/kubernetes/charts/chart';
import { renderChart } from '../../sandbox/kubernetes/charts/render';
import { mergeValues } from '../../sandbox/kubernetes/charts/values';
import { only, toObject } from '../../sandbox/kubernetes/provider/blocks';
import { deployment } from '../../sandbox/kubernetes/provider/resource-deployment';
import { RESOURCES } from '../../sandbox/kubernetes/provider/resources';
import { synthesise } from '../../stacks/app';
import type { Json } from '../helpers/synth';

const KINDS = [...RESOURCES, deployment];

/** Arguments of a resource that are Terraform's own. */
const OWN = ['//', 'depends_on', 'lifecycle', 'provider', 'timeouts', 'wait_for_rollout'];

/** Arguments that are maps. All other objects of the synthesised JSON are blocks, which terraform sends as lists. */
const MAPS = ['annotations', 'data', 'labels', 'limits', 'match_labels', 'node_selector', 'parameters', 'requests'];

/** What the layers of an environment create in its cluster. */
export interface LayerObjects {
  /** Objects of layer 01-k8s, those of its charts included. */
  readonly k8s: readonly Json[];
  /** Objects of layer 02-argocd-app. */
  readonly argocdApp: readonly Json[];
}

/**
 * The objects that terraform would apply for an environment, read from its synthesised stacks.
 *
 * @param folder - where to synthesise.
 */
export function layerObjects(folder: string, name: string, env: string): LayerObjects {
  const platform = loadPlatform(name, { restoreFile: 'absent.json' });
  const outdir = synthesise(platform, folder);
  const objects = (stack: string) =>
    objectsOfStack(JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8')));
  return {
    k8s: objects(stackOf(platform, makerOf(platform, env, '01-k8s'), '01-k8s')),
    argocdApp: objects(stackOf(platform, env, '02-argocd-app')),
  };
}

function objectsOfStack({ resource }: Json): Json[] {
  return Object.entries<Json>(resource).flatMap(([type, resources]) =>
    Object.values<Json>(resources).flatMap((one) => objectsOfResource(type, resolved(resource, one))),
  );
}

function objectsOfResource(type: string, values: Json): Json[] {
  if (type === 'kubernetes_manifest') return [values.manifest];
  if (type === 'helm_release') return objectsOfChart(values);
  const kind = KINDS.find(({ types }) => types.includes(type));
  if (!kind) return [];
  const content = kind.content ?? ((all: Json) => ({ spec: toObject(only(all, 'spec'), 'spec') }));
  const own = asBlock(Object.fromEntries(Object.entries(values).filter(([argument]) => !OWN.includes(argument))));
  const { apiVersion, kind: name } = kind;
  return [{ apiVersion, kind: name, metadata: toObject(only(own, 'metadata')), ...content(own) }];
}

function asBlock(values: Json): Json {
  const asArgument = (key: string, value: Json): Json => {
    if (Array.isArray(value)) return value.map((one) => (typeof one === 'object' ? asBlock(one) : one));
    return typeof value === 'object' && !MAPS.includes(key) ? [asBlock(value)] : value;
  };
  return Object.fromEntries(Object.entries<Json>(values).map(([key, value]) => [key, asArgument(key, value)]));
}

/** Without CRDs: the real ones come from their own files. */
function objectsOfChart({ chart, version, name, namespace, values: [text] }: Json): Json[] {
  const facts = charts.find((one) => one.name === chart && one.version === version);
  if (!facts) throw new Error(`the sandbox has no facts of chart ${chart} ${version}; see sandbox/kubernetes/charts`);
  const { objects, hooks } = renderChart(facts, { name, namespace }, mergeValues(facts.values, parse(text)));
  return [...hooks, ...objects]
    .filter(({ kind }) => kind !== 'CustomResourceDefinition')
    .map((object) => ({ ...object, metadata: { namespace, ...object.metadata } }));
}

/** Values with references to other resources' names resolved, as terraform does. @throws Error for any other expression. */
function resolved(resource: Json, values: Json): Json {
  if (Array.isArray(values)) return values.map((one) => resolved(resource, one));
  if (typeof values === 'object' && values !== null)
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, resolved(resource, value)]));
  const expression = typeof values === 'string' && /^\$\{(.+)\}$/.exec(values)?.[1];
  if (!expression) return values;
  if (expression === 'data.terraform_remote_state.k8s.outputs.argocd_namespace') return 'argocd';
  const [, type = '', id = '', field = ''] = /^(\w+)\.([\w-]+)\.metadata\[0\]\.(\w+)$/.exec(expression) ?? [];
  const found = resource[type]?.[id]?.metadata?.[field];
  if (found === undefined) throw new Error(`cannot resolve \${${expression}} without terraform`);
  return resolved(resource, found);
}
