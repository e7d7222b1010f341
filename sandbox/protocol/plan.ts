import { isTimeouts, placesAt, ruleFor } from './arguments';
import type { ArgumentRules, Change, ResourceBehaviour } from './behaviour';
import { needsStop, refusal, unknownChange } from './diagnostics';
import { type Difference, differences } from './differences';
import { forget, withUnknowns } from './planned';
import type { Fields } from './schema/field';
import type { Served } from './served';
import type { Diagnostic, Step } from './tfplugin6';
import { hasUnknown, isUnknown, type Values } from './values';

/** What a plan answers. */
export interface Plan {
  readonly planned: Values;
  /** The arguments that force a replacement. */
  readonly replace: readonly (readonly Step[])[];
  readonly diagnostics: Diagnostic[];
}

/** Values of a status attribute that mean it does not run. Source: lifecycle states of Compute Engine instances. */
const STOPPED = ['TERMINATED', 'STOPPED', 'SUSPENDED'];

/** Plans something new: what is computed becomes known after apply. */
export function planCreate({ fields }: Served<ResourceBehaviour>, proposed: Values): Plan {
  return { planned: withUnknowns(fields, proposed, null), replace: [], diagnostics: [] };
}

/** Plans a change by the rules of each argument that changes; an argument without a rule is refused. */
export function planUpdate(
  provider: string,
  { behaviour, fields }: Served<ResourceBehaviour>,
  prior: Values,
  proposed: Values,
  config: Values,
): Plan {
  let planned = withUnknowns(fields, proposed, prior);
  // Not of what is planned: an unknown value there may be the cloud's to decide, here it comes from the configuration.
  const changes = differences(fields, prior, proposed);
  const replace: (readonly Step[])[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const difference of changes) {
    const change = changeOf(behaviour.arguments, difference);
    if (change === 'replace') replace.push(difference.steps);
    if (!change) diagnostics.push(unknownChange(provider, behaviour.type, difference));
  }
  if (changes.some(({ path }) => !isTimeouts(path))) {
    for (const path of behaviour.recomputed ?? []) planned = forget(planned, config, path);
  }
  return { planned, replace, diagnostics };
}

/**
 * Refuses, at apply, what the cloud only changes while it is stopped. Not at plan: real providers plan it, and core
 * plans before it destroys, so that a refusal there would keep the resource from being destroyed.
 */
export function refuseWhileRunning(
  { behaviour, fields }: Served<ResourceBehaviour>,
  prior: Values,
  planned: Values,
): Diagnostic[] {
  if (mayStop(prior, planned)) return [];
  return differences(fields, prior, planned)
    .filter((difference) => !isUnknown(difference.after) && changeOf(behaviour.arguments, difference) === 'stop')
    .map((difference) => needsStop(behaviour.type, difference));
}

/** What the rules' own checks find wrong with values that are known. */
export function brokenRules(rules: ArgumentRules, fields: Fields, config: Values): Diagnostic[] {
  return Object.entries(rules).flatMap(([path, rule]) => {
    const check = typeof rule === 'string' ? undefined : rule.check;
    if (!check) return [];
    return placesAt(fields, config, path).flatMap(({ value, steps }) => {
      const wrong = hasUnknown(value) ? undefined : check(value, config);
      return wrong ? [refusal(`invalid ${path}`, wrong, steps)] : [];
    });
  });
}

/** By its own rule; when blocks come or go and have none, by the strictest rule of the arguments in them. */
function changeOf(rules: ArgumentRules, { path, inside, before, after }: Difference): Change | undefined {
  const ruled = (at: string) => {
    const change = ruleFor(rules, at)?.change;
    return typeof change === 'function' ? change(before, after) : change;
  };
  const own = ruled(path);
  if (own || inside.length === 0) return own;
  const changes = inside.map(ruled);
  if (changes.includes(undefined)) return undefined;
  return (['replace', 'stop'] as const).find((change) => changes.includes(change)) ?? 'in-place';
}

function mayStop(prior: Values, planned: Values): boolean {
  if (planned['allow_stopping_for_update'] === true) return true;
  return STOPPED.includes(String(prior['current_status'])) || STOPPED.includes(String(planned['desired_status']));
}
