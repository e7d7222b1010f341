import {
  type AttributeChange,
  type Change,
  type EnvironmentPlan,
  isQuiet,
  type LayerPlan,
  type PlannedLayer,
} from './result';

/** Order of the actions in a plan: what may lose data comes first. */
const LOUD_FIRST: readonly Change['action'][] = ['destroy', 'replace', 'forget', 'update', 'create', 'import'];

/** The changes of a layer, those that may lose data first. */
export function loudFirst({ changes }: PlannedLayer): Change[] {
  return [...changes].sort((a, b) => LOUD_FIRST.indexOf(a.action) - LOUD_FIRST.indexOf(b.action));
}

/** How many resources of a layer an action affects. */
export function count({ changes }: PlannedLayer, action: Change['action']): number {
  return changes.filter((change) => change.action === action).length;
}

/** `created 2, updated 1, replaced 1`, or `no changes`. */
function countsOf(plan: PlannedLayer): string {
  const counts = [
    ['created', count(plan, 'create')],
    ['imported', count(plan, 'import')],
    ['updated', count(plan, 'update')],
    ['replaced', count(plan, 'replace')],
    ['destroyed', count(plan, 'destroy')],
    ['removed from the state', count(plan, 'forget')],
  ] as const;
  const words = counts.filter(([, number]) => number > 0).map(([word, number]) => `${word} ${number}`);
  const outputs = plan.outputs.length > 0 ? ['outputs change'] : [];
  return [...words, ...outputs].join(', ') || 'no changes';
}

/** Why there is no plan of a layer, or what it does in numbers. */
export function outcomeOf(plan: LayerPlan): string {
  switch (plan.outcome) {
    case 'planned':
      return `${countsOf(plan)}${plan.deployed ? '' : '; not deployed yet'}`;
    case 'waiting':
      return `not planned, waits for ${plan.for} (${plan.outputs.join(', ')})`;
    case 'asleep':
      return `not planned: ${plan.message}`;
    case 'failed':
      return 'the plan failed';
  }
}

/** What an attribute changes from and to. */
export function attributeLine({ path, before, after }: AttributeChange): string {
  return `${path}: ${before} -> ${after}`;
}

/** How many resources of an environment are replaced and destroyed. */
function losses({ layers }: EnvironmentPlan): { readonly replaced: number; readonly destroyed: number } {
  const planned = layers.filter((plan) => plan.outcome === 'planned');
  const sum = (action: Change['action']) => planned.reduce((total, plan) => total + count(plan, action), 0);
  return { replaced: sum('replace'), destroyed: sum('destroy') };
}

/** `1 resource is replaced, 2 are destroyed`; undefined when nothing is lost. */
export function lossLine(plan: EnvironmentPlan): string | undefined {
  const { replaced, destroyed } = losses(plan);
  const parts = [
    replaced > 0 && `${resources(replaced)} replaced`,
    destroyed > 0 && `${resources(destroyed)} destroyed`,
  ];
  return parts.filter(Boolean).join(', ') || undefined;
}

function resources(number: number): string {
  return number === 1 ? '1 resource is' : `${number} resources are`;
}

/** The command that applies the plan; undefined when there is nothing to apply, or when nothing may be applied. */
export function applyCommand(plan: EnvironmentPlan): string | undefined {
  const { platform, env, layers, guards, contracts, reference } = plan;
  if (layers.every(isQuiet) || contracts.length > 0 || layers.some(({ outcome }) => outcome === 'failed'))
    return undefined;
  const allow = [...new Set(guards.map(({ guard }) => ` --allow ${guard}`))];
  const stored = reference === undefined ? '' : ` --plan ${reference}`;
  return `npm run apply -- --platform ${platform} --env ${env}${stored}${allow.join('')}`;
}
