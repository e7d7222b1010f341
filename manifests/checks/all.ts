import type { Json } from '../json';
import { applications, owners } from './applications';
import { config } from './config';
import { defaults } from './defaults';
import { images } from './images';
import { kept } from './kept';
import { labels } from './labels';
import { network } from './network';
import { podSecurity } from './pod-security';
import { type Check, type Environment, nameOf, originOf, type Problem } from './problem';
import { projects } from './projects';
import { references } from './references';
import { fileOf } from './render';
import { rotation } from './rotation';
import { schemas } from './schemas';
import { budgets, probes, resources, tokens } from './workloads';

/** Every check that needs no cluster. */
const CHECKS: Readonly<Record<string, Check>> = {
  applications,
  budgets,
  config,
  defaults,
  images,
  kept,
  labels,
  network,
  owners,
  podSecurity,
  probes,
  projects,
  references,
  resources,
  rotation,
  schemas,
  tokens,
};

/** What all checks have against an environment, one line each: file, object, path, what is wrong, what to do. */
export function problemsOf(objects: readonly Json[], environment: Environment): string[] {
  return Object.values(CHECKS).flatMap((check) =>
    check(objects, environment).map((problem) => print(problem, environment)),
  );
}

function print({ object, path, wrong, fix }: Problem, { root }: Environment): string {
  return `${fileOf(object, originOf(object), root)}: ${nameOf(object)} ${path}: ${wrong.replace('got undefined', 'it is missing')}; ${fix}`;
}
