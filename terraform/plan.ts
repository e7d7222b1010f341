/** What terraform intends to do with a value: before, after, and which parts of either are sensitive or not known yet. */
export interface ValueChange {
  readonly actions: readonly ('no-op' | 'create' | 'read' | 'update' | 'delete' | 'forget')[];
  readonly before?: unknown;
  readonly after?: unknown;
  /** The same shape as `after`, with true for each value that terraform knows only after it has applied. */
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

/** What terraform intends to do with one resource; the part of `terraform show -json` that we read. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly mode: 'managed' | 'data';
  readonly change: ValueChange & {
    readonly importing?: { readonly id: string };
    /** Paths of the attributes that force a replacement. */
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
  /** Why terraform chose the action, such as `replace_because_tainted`. */
  readonly action_reason?: string;
}

/** A plan as `terraform show -json` prints it. Format: https://developer.hashicorp.com/terraform/internals/json-format */
export interface PlanJson {
  readonly resource_changes?: readonly ResourceChange[];
  /** Changes that terraform found between the state and the real resources. */
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, ValueChange>>;
  /** The state before the plan. */
  readonly prior_state?: {
    readonly values?: {
      readonly root_module?: { readonly resources?: readonly { readonly mode: string }[] };
    };
  };
}

/** A plan in numbers and names. A replacement counts as one added and one destroyed, as terraform counts it. */
export interface PlanSummary {
  readonly added: number;
  readonly changed: number;
  readonly destroyed: number;
  /** Addresses that are destroyed and created again. */
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
