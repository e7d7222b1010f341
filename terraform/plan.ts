/** A planned change of one resource: the fields of `terraform show -json` that are read here. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly mode: 'managed' | 'data';
  readonly change: {
    readonly actions: readonly ('no-op' | 'create' | 'read' | 'update' | 'delete' | 'forget')[];
    readonly importing?: { readonly id: string };
  };
}

/** A plan as `terraform show -json` prints it. Format: terraform's JSON output format 1.x. */
export interface PlanJson {
  readonly resource_changes?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

/** A plan in numbers and names. A replacement counts as one added and one destroyed, as terraform counts it. */
export interface PlanSummary {
  readonly added: number;
  readonly changed: number;
  readonly destroyed: number;
  /** Addresses that are replaced. */
  readonly replaced: readonly string[];
  /** Addresses that are removed from the state but stay in the cloud. */
  readonly forgotten: readonly string[];
  /** True if nothing changes, including outputs. */
  readonly empty: boolean;
  readonly changes: readonly ResourceChange[];
}

/** Summarises a plan. Reads of data sources do not count as changes. */
export function summarise(plan: PlanJson): PlanSummary {
  const changes = (plan.resource_changes ?? []).filter(
    ({ mode, change }) =>
      mode === 'managed' && (change.importing || change.actions.some((action) => action !== 'no-op')),
  );
  const addresses = (wanted: (actions: readonly string[]) => boolean) =>
    changes.filter(({ change }) => wanted(change.actions)).map(({ address }) => address);
  const outputs = Object.values(plan.output_changes ?? {}).some(({ actions }) =>
    actions.some((action) => action !== 'no-op'),
  );
  return {
    added: addresses((actions) => actions.includes('create')).length,
    changed: addresses((actions) => actions.includes('update')).length,
    destroyed: addresses((actions) => actions.includes('delete')).length,
    replaced: addresses((actions) => actions.includes('create') && actions.includes('delete')),
    forgotten: addresses((actions) => actions.includes('forget')),
    empty: changes.length === 0 && !outputs,
    changes,
  };
}
