import type { Json } from '../json';
import { applications, owners } from './applications';
import { config } from './config';
import { databases } from './databases';
import { defaults } from './defaults';
import { described } from './described';
import { images } from './images';
import { kept } from './kept';
import { labels } from './labels';
import { memory } from './memory';
import { network } from './network';
import { podSecurity } from './pod-security';
import { type Check, type Environment, nameOf, originOf, type ValidationProblem } from './problem';
import { projects } from './projects';
import { references } from './references';
import { fileOf } from './render';
import { rotation } from './rotation';
import { schedules } from './schedules';
import { schemas } from './schemas';
import { unique } from './unique';
import { waves } from './waves';
import { budgets, probes, resources, tokens } from './workloads';

/** Every check that needs no cluster. */
const CHECKS: Readonly<Record<string, Check>> = {
  applications,
  budgets,
  config,
  databases,
  defaults,
  described,
  images,
  kept,
  labels,
  memory,
  network,
  owners,
  podSecurity,
  probes,
  projects,
  references,
  resources,
  rotation,
  schedules,
  schemas,
  tokens,
  unique,
  waves,
};

/** What every check finds in the objects of an environment. */
export function problemsOf(objects: readonly Json[], environment: Environment): ValidationProblem[] {
  return Object.values(CHECKS).flatMap((check) =>
    check(objects, environment).map(({ object, path, wrong, fix }) => {
      const value = path ? valueAt(object, path) : undefined;
      return {
        file: fileOf(object, originOf(object), environment.root),
        path: [nameOf(object), path].filter(Boolean).join(' '),
        ...(value !== undefined && { value }),
        rule: wrong.replace('got undefined', 'missing'),
        fix,
      };
    }),
  );
}

/** The value at a path such as `spec.containers[app].image` or `metadata.annotations["a.b/c"]`; undefined where none is. */
function valueAt(object: Json, path: string): unknown {
  const keys = [...path.matchAll(/\["([^"]+)"\]|\[([^\]]+)\]|([^.[\]]+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  return keys.reduce(
    (node, key) => (Array.isArray(node) ? (node[Number(key)] ?? node.find(({ name }) => name === key)) : node?.[key]),
    object,
  );
}
