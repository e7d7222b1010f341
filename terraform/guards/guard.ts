import type { LayerId } from '../../contracts/layers';
import type { PlanJson, ResourceChange } from '../plan';
import type { GuardHit } from '../planning/result';

/** A Kubernetes object of a rendered overlay, as far as guards look at it. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** What a guard looks at. */
export interface GuardInput {
  /** Terraform's plan of each layer that could be planned. */
  readonly layers: readonly { readonly layer: LayerId; readonly json: PlanJson }[];
  /** Each overlay as the base renders it and as this change renders it. @default - no base to compare with */
  readonly overlays?: readonly {
    readonly path: string;
    readonly before: readonly ManifestObject[];
    readonly after: readonly ManifestObject[];
  }[];
  readonly facts: GuardFacts;
}

/** What plans do not say. */
export interface GuardFacts {
  /** The moment of the plan. */
  readonly now: Date;
  /** Name of the bucket that holds the states. @default - they are local */
  readonly stateBucket?: string;
  /** The snapshots that are ready. @default - they could not be read */
  readonly snapshots?: readonly { readonly sourceDiskId: string; readonly createdAt: Date }[];
}

/** A check that answers "will this hurt?". A hit refuses the apply, unless `--allow` lets this guard pass once. */
export interface Guard {
  /** What `--allow` takes. */
  readonly name: string;
  /** What it protects, for `--help`. */
  readonly protects: string;
  find(input: GuardInput): readonly Hit[];
}

/** What a guard found; `runGuards` adds the name. */
type Hit = Omit<GuardHit, 'guard'>;

/** A managed resource that a plan changes, with its layer and its values before and after. */
export interface ChangedResource {
  readonly layer: LayerId;
  readonly address: string;
  readonly type: string;
  /** True for a resource that is destroyed, alone or to be created again. */
  readonly lost: boolean;
  /** True for a resource that exists after the apply. */
  readonly stays: boolean;
  readonly before: Values;
  readonly after: Values;
  readonly unknown: Values;
}

/** Attributes of a resource, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** The managed resources that the plans change. */
export function changedResources({ layers }: GuardInput): ChangedResource[] {
  return layers.flatMap(({ layer, json }) =>
    (json.resource_changes ?? [])
      .filter(({ mode, change }) => mode === 'managed' && change.actions.some((action) => action !== 'no-op'))
      .map((resource) => changed(layer, resource)),
  );
}

/** The resources of some types that are destroyed or replaced. */
export function lostResources(input: GuardInput, ...types: readonly string[]): ChangedResource[] {
  return changedResources(input).filter(({ type, lost }) => lost && types.includes(type));
}

/** `Namespace threads`, or `Deployment threads/nextjs`. */
export function objectName({ kind, metadata }: ManifestObject): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
}

/** Objects that the base renders and the change no longer does, and that Argo CD would prune. */
export function prunedObjects({ overlays = [] }: GuardInput): { path: string; object: ManifestObject }[] {
  return overlays.flatMap(({ path, before, after }) => {
    const kept = new Set(after.map(objectName));
    return before
      .filter((object) => !kept.has(objectName(object)) && !isKept(object))
      .map((object) => ({ path, object }));
  });
}

/** See https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources */
function isKept({ metadata }: ManifestObject): boolean {
  const options = (metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '').split(',').map((one) => one.trim());
  return options.includes('Prune=false');
}

function changed(layer: LayerId, { address, type, change }: ResourceChange): ChangedResource {
  return {
    layer,
    address,
    type,
    lost: change.actions.includes('delete'),
    stays: change.actions.includes('create') || change.actions.includes('update'),
    before: valuesOf(change.before),
    after: valuesOf(change.after),
    unknown: valuesOf(change.after_unknown),
  };
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}
