import { isTimeouts, prefixesOf } from './arguments';
import type { Change, Context, ResourceBehaviour } from './behaviour';
import { needsStop, unknownChange } from './diagnostics';
import { type Difference, differences } from './differences';
import { keepSame, markUnknown, withDefaults, withUnknowns } from './planned';
import { fieldAt } from './schema/field';
import type { Served } from './served';
import type { Diagnostic, Step } from './tfplugin6';
import { isUnknown, type Values } from './values';

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
  return { planned: withUnknowns(fields, withDefaults(fields, proposed), null), replace: [], diagnostics: [] };
}

/** Plans a change by the rules of each argument that changes; an argument without a rule is refused. */
export function planUpdate(
  provider: string,
  served: Served<ResourceBehaviour>,
  prior: Values,
  proposed: Values,
  config: Values,
  context: Context,
): Plan {
  const { behaviour, fields } = served;
  const wanted = keepSame(fields, behaviour.arguments, prior, withDefaults(fields, proposed), context);
  let planned = withUnknowns(fields, wanted, prior);
  // Not of what is planned: an unknown value there may be the cloud's to decide, here it comes from the configuration.
  const changes = differences(fields, prior, wanted);
  const replace: (readonly Step[])[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const difference of changes) {
    const change = changeOf(served, difference);
    if (change === 'replace') replace.push(difference.steps);
    if (!change) diagnostics.push(unknownChange(provider, behaviour.type, difference));
  }
  if (changes.some(({ path }) => !isTimeouts(path))) {
    for (const path of behaviour.recomputed ?? []) planned = markUnknown(planned, config, path);
  }
  return { planned, replace, diagnostics };
}

/**
 * Refuses, at apply, what the cloud only changes while it is stopped. Not at plan: real providers plan it, and core
 * plans before it destroys, so that a refusal there would keep the resource from being destroyed.
 */
export function refuseWhileRunning(served: Served<ResourceBehaviour>, prior: Values, planned: Values): Diagnostic[] {
  if (mayStop(prior, planned)) return [];
  return differences(served.fields, prior, planned)
    .filter((difference) => !isUnknown(difference.after) && changeOf(served, difference) === 'stop')
    .map((difference) => needsStop(served.behaviour.type, difference));
}

/** By its own rule; when blocks come or go and have none, by the strictest of the arguments in them. */
function changeOf(served: Served<ResourceBehaviour>, difference: Difference): Change | undefined {
  const { path, inside } = difference;
  const own = ruledChange(served, difference) ?? (isTimeouts(path) ? 'in-place' : undefined);
  if (own) return own;
  const byTable = tableChange(served, path);
  if (byTable === 'replace' || inside.length === 0) return byTable;
  const changes = inside.map((inner) => changeOf(served, { ...difference, path: inner, inside: [] }));
  if (changes.includes(undefined)) return undefined;
  return (['replace', 'stop'] as const).find((change) => changes.includes(change)) ?? 'in-place';
}

/** By the rule of the argument, or of the nearest one around it that says what a change does. */
function ruledChange(
  { behaviour }: Served<ResourceBehaviour>,
  { path, before, after }: Difference,
): Change | undefined {
  for (const prefix of prefixesOf(path)) {
    const rule = behaviour.arguments[prefix];
    const change = typeof rule === 'string' ? rule : rule?.change;
    if (change) return typeof change === 'function' ? change(before, after) : change;
  }
  return undefined;
}

function tableChange({ fields, isKnown }: Served<ResourceBehaviour>, path: string): Change | undefined {
  if (!isKnown) return undefined;
  return fieldAt(fields, path)?.facts?.replace ? 'replace' : 'in-place';
}

function mayStop(prior: Values, planned: Values): boolean {
  if (planned['allow_stopping_for_update'] === true) return true;
  return STOPPED.includes(String(prior['current_status'])) || STOPPED.includes(String(planned['desired_status']));
}
