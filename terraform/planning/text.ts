import type { EnvironmentPlan, LayerPlan } from './result';
import { applyCommand, attributeLine, lossLine, loudFirst, outcomeOf } from './wording';

/** Most attributes of an update that are listed on a terminal. */
const ATTRIBUTES = 6;

/** The plan of an environment as text for a terminal. */
export function planText(plan: EnvironmentPlan): string {
  const { platform, env, layers } = plan;
  const apply = applyCommand(plan);
  return [
    `Plan: ${platform} ${env}`,
    '',
    ...layers.flatMap(layerLines),
    ...refusalLines(plan),
    ...(apply === undefined ? [] : ['', `apply: ${apply}`]),
  ].join('\n');
}

/** What happens to a layer: its outcome, then a line for each change. */
export function layerLines(plan: LayerPlan): string[] {
  return [`${plan.layer}  ${outcomeOf(plan)}`, ...detailsOf(plan).map((line) => `  ${line}`)];
}

/** What is lost, and what refuses the plan. */
export function refusalLines(plan: EnvironmentPlan): string[] {
  const loss = lossLine(plan);
  return [
    ...(loss ? ['', `! ${loss}`] : []),
    ...plan.contracts.flatMap((problem) => ['', `refused by contract: ${problem}`]),
    ...plan.guards.flatMap(({ guard, place, subject, message, blastRadius }) => [
      '',
      `refused by guard ${guard}: ${place}: ${subject}: ${message}`,
      `  affects: ${blastRadius}`,
    ]),
  ];
}

function detailsOf(plan: LayerPlan): string[] {
  if (plan.outcome === 'waiting') return plan.resources.map((address) => `not planned  ${address}`);
  if (plan.outcome === 'failed') return plan.message.split('\n');
  if (plan.outcome === 'asleep') return [];
  const changes = loudFirst(plan).flatMap(({ action, address, attributes, reason }) => {
    const forced = action === 'replace' && attributes.length > 0;
    const shown = attributes.slice(0, ATTRIBUTES).map((one) => `  ${forced ? 'forced by ' : ''}${attributeLine(one)}`);
    const more = attributes.length > ATTRIBUTES ? [`  and ${attributes.length - ATTRIBUTES} more attributes`] : [];
    return [`${action.padEnd(7)}  ${address}${reason ? `  (${reason})` : ''}`, ...shown, ...more];
  });
  const outputs = plan.outputs.map(
    ({ name, action, readers }) =>
      `output   ${name}: ${action}${readers.length > 0 ? `, read by ${readers.join(', ')}` : ''}`,
  );
  const drifted = plan.drifted.map((address) => `changed outside of terraform  ${address}`);
  return [...changes, ...outputs, ...drifted];
}
