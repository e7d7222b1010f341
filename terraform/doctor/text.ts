import type { PlanJson } from '../plan';
import { type Diagnosis, isHealthy } from './examine';
import type { Orphan } from './orphans';

/** What is wrong with the state of a layer, and what to do about it. */
export function diagnosisText(layer: string, diagnosis: Diagnosis): string {
  const { lock, unwritten, orphans, gone } = diagnosis;
  const lines = [
    ...(lock
      ? [`locked by ${lock.who} since ${lock.since} (${lock.operation}): ${lock.dead ?? 'the run may be alive'}`]
      : []),
    ...(unwritten ? ['the last run could not write the state; it is in errored.tfstate of its working folder'] : []),
    ...orphans.map(({ address, id }) => `in the cloud and in no state: ${address} (${id})`),
    ...gone.map(
      (address) => `no longer in the cloud: ${address}; the next apply creates it if the layer still describes it`,
    ),
  ];
  const next = isHealthy(diagnosis) ? [] : [`repair: npm run state -- doctor --heal --layer ${layer}, with --env`];
  return [
    `${layer}  ${lines.length === 0 ? 'healthy' : ''}`.trimEnd(),
    ...[...lines, ...next].map((line) => `  ${line}`),
  ].join('\n');
}

/** What an import changes: the resources, and the attributes that the layer describes differently. */
export function importText(stack: string, plan: PlanJson, orphans: readonly Orphan[]): string {
  const updated = new Set(
    (plan.resource_changes ?? [])
      .filter(({ change }) => change.actions.includes('update'))
      .map(({ address }) => address),
  );
  const lines = orphans.map(
    ({ address, id }) =>
      `  import  ${address} (${id})${updated.has(address) ? ', and change it to what the layer describes' : ''}`,
  );
  return [`${stack}: ${orphans.length} to import`, ...lines].join('\n');
}
