import type { LayerId } from '../../contracts/layers';
import type { PlanJson, ResourceChange } from '../plan';
import { changedAttributes, forcingAttributes } from './attributes';
import type { Change, PlannedLayer } from './result';

/** Sums up terraform's plan of a layer for people. @param readers - which layers read an output of this one */
export function plannedLayer(
  { layer, stack }: { readonly layer: LayerId; readonly stack: string },
  plan: PlanJson,
  readers: (output: string) => LayerId[],
): PlannedLayer {
  const outputs = Object.entries(plan.output_changes ?? {}).flatMap(([name, { actions }]) => {
    const action = actions.find((one) => one === 'create' || one === 'update' || one === 'delete');
    return action ? [{ name, action, readers: readers(name) }] : [];
  });
  const changes = (plan.resource_changes ?? []).flatMap(changeOf);
  // Terraform also calls it a drift when a computed attribute changes, such as the users of an address, which no plan undoes.
  const undone = (plan.resource_drift ?? []).filter(({ address }) =>
    changes.some((change) => change.address === address),
  );
  return {
    layer,
    stack,
    outcome: 'planned',
    deployed: isDeployed(plan),
    changes,
    outputs,
    drifted: undone.map(({ address }) => address),
  };
}

/** True when the state holds outputs or managed resources. */
export function isDeployed(plan: PlanJson): boolean {
  const resources = plan.prior_state?.values?.root_module?.resources ?? [];
  return Object.keys(deployedOutputs(plan)).length > 0 || resources.some(({ mode }) => mode === 'managed');
}

/**
 * Values of the outputs in the state. The prior state of a plan does not say them: terraform evaluates the outputs of the new
 * configuration into it.
 */
export function deployedOutputs({ output_changes = {} }: PlanJson): Record<string, unknown> {
  const kept = Object.entries(output_changes).filter(([, { actions }]) => !actions.includes('create'));
  return Object.fromEntries(kept.map(([name, { before }]) => [name, before]));
}

function changeOf(resource: ResourceChange): Change[] {
  const { address, type, mode, change, action_reason } = resource;
  const action = actionOf(change);
  if (mode !== 'managed' || !action) return [];
  const attributes =
    action === 'replace' ? forcingAttributes(resource) : action === 'update' ? changedAttributes(change) : [];
  const tells = (action === 'replace' && attributes.length === 0) || action === 'destroy';
  const reason = tells && action_reason ? { reason: action_reason.replaceAll('_', ' ') } : {};
  return [{ address, type, action, attributes, ...reason }];
}

function actionOf({ actions, importing }: ResourceChange['change']): Change['action'] | undefined {
  if (actions.includes('create')) return actions.includes('delete') ? 'replace' : 'create';
  if (actions.includes('delete')) return 'destroy';
  if (actions.includes('update')) return 'update';
  if (actions.includes('forget')) return 'forget';
  return importing ? 'import' : undefined;
}
