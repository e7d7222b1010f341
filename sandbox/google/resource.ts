import {
  type ArgumentRule,
  type ArgumentRules,
  type Change,
  CloudError,
  type Context,
  type ResourceBehaviour,
} from '../protocol/behaviour';
import { isUnknown, type Value, type Values } from '../protocol/values';
import type { CloudObject, World } from '../world';
import { DURATIONS, type Operation } from './durations';
import { refuseDisabled } from './services';

/** A Google resource in a few lines: the parts that its schema does not tell. */
export interface GoogleResource {
  readonly type: string;
  /** What Google calls it in messages: `network`. */
  readonly noun: string;
  /** Its name in the API, from its attributes: `projects/{project}/global/networks/{name}`; `{#}` is an id that Google gives. */
  readonly key: string;
  readonly arguments: ArgumentRules;
  /** Arguments that name other resources, by path, and the type they name. Those must exist, and cannot go before it. */
  readonly refers?: Readonly<Record<string, string>>;
  /** What it refers to is copied while it is made, and may go afterwards: a disk and its snapshot. */
  readonly copies?: boolean;
  /** The type that it is a part of: it keeps no such resource from being deleted, and goes with it. */
  readonly partOf?: string;
  /** Computed attributes at creation. `id`, `self_link`, project, region, zone and labels come by themselves. */
  readonly computed?: (values: Values, context: Context, key: string) => Values;
  /** Attributes that are looked up afresh at every read. */
  readonly live?: (object: CloudObject, context: Context) => Values;
  /** Refuses a creation for reasons of its own. */
  readonly admit?: (values: Values, context: Context, key: string) => void;
  /** Refuses an update, or does what it sets off. */
  readonly change?: (prior: Values, values: Values, context: Context, key: string) => void | Promise<void>;
  /** Runs after it was made, inside the same operation. */
  readonly made?: (values: Values, context: Context, key: string) => void | Promise<void>;
  /** Refuses a deletion, or does what it sets off. */
  readonly unmake?: (values: Values, context: Context, key: string) => void | Promise<void>;
  /** The key of what `terraform import` names, undefined when there is none. @default - the id is the key, or a link to it */
  readonly imported?: (id: string) => string | undefined;
  /** Making it twice is no conflict: grants and switches. */
  readonly idempotent?: boolean;
  /** Its `labels` are no labels of Google Cloud: nothing is computed from them. */
  readonly plainLabels?: boolean;
  readonly recomputed?: readonly string[];
  readonly sensitive?: readonly string[];
  readonly takes: {
    readonly create: Operation | ((values: Values) => Operation);
    readonly update?: Operation;
    readonly delete: Operation;
  };
}

/** Label attributes that the google provider computes beside `labels`. */
const COMPUTED_LABELS = ['effective_labels', 'terraform_labels'];

const byType = new Map<string, GoogleResource>();

/** Makes the behaviour of a Google resource type out of its description. */
export function defineResource(spec: GoogleResource): ResourceBehaviour {
  byType.set(spec.type, spec);
  const labelled = 'labels' in spec.arguments && !spec.plainLabels;
  const recomputed = [...(spec.recomputed ?? []), ...(labelled ? COMPUTED_LABELS : [])];
  return {
    type: spec.type,
    arguments: withCommonRules(spec),
    recomputed,
    sensitive: spec.sensitive,

    async create(planned, context) {
      const values = settle(planned, context, spec);
      const key = keyOf(spec, values).replace('{#}', () => context.world.nextId());
      refuseDisabled(spec.type, projectOf(key, values, context), context);
      refuseMissing(spec, values, context);
      if (context.world.get(spec.type, key) && !spec.idempotent) {
        throw new CloudError(`Error 409: The resource '${key}' already exists, alreadyExists`);
      }
      spec.admit?.(values, context, key);
      const takes = typeof spec.takes.create === 'function' ? spec.takes.create(values) : spec.takes.create;
      const made = { ...values, ...common(values, key, labelled), ...spec.computed?.(values, context, key) };
      context.world.put({ type: spec.type, key, values: made });
      await context.world.clock.sleep(DURATIONS[takes].typical);
      await spec.made?.(made, context, key);
      return { key, values: made };
    },

    async read(key, prior, context) {
      refuseDisabled(spec.type, projectOf(key, prior, context), context);
      const object = context.world.get(spec.type, key);
      return object ? { ...(object.values as Values), ...spec.live?.(object, context) } : null;
    },

    async update(key, prior, planned, context) {
      const object = context.world.get(spec.type, key);
      if (!object) throw notFound(key);
      refuseDisabled(spec.type, projectOf(key, prior, context), context);
      const decided = Object.entries(planned).filter(([, value]) => !isUnknown(value));
      const values: Values = { ...(object.values as Values), ...(known(Object.fromEntries(decided)) as Values) };
      if (!spec.copies) refuseMissing(spec, values, context);
      await spec.change?.(prior, values, context, key);
      const computed = { ...common(values, key, labelled), ...spec.computed?.(values, context, key) };
      const afresh = Object.entries(computed).filter(([name]) => recomputed.includes(name));
      const changed: Values = { ...values, ...Object.fromEntries(afresh) };
      await context.world.clock.sleep(DURATIONS[spec.takes.update ?? 'control plane call'].typical);
      context.world.put({ type: spec.type, key, values: changed });
      return changed;
    },

    async delete(key, prior, context) {
      refuseDisabled(spec.type, projectOf(key, prior, context), context);
      if (!context.world.get(spec.type, key)) return;
      const users = usersOf(spec.type, key, context.world);
      const user = users.find((one) => !isPart(one, spec.type));
      if (user) {
        throw new CloudError(
          `Error 400: The ${spec.noun} resource '${key}' is already being used by '${user.key}', resourceInUseByAnotherResource`,
        );
      }
      await spec.unmake?.(prior, context, key);
      await context.world.clock.sleep(DURATIONS[spec.takes.delete].typical);
      for (const part of users) context.world.remove(part.type, part.key);
      context.world.remove(spec.type, key);
    },

    async import(id, context) {
      const key = spec.imported
        ? spec.imported(id)
        : id.replace(/^https:\/\/[^/]+\/compute\/v1\//, '').replace(/^\/\/[^/]+\//, '');
      const object = key === undefined ? undefined : context.world.get(spec.type, key);
      return key !== undefined && object ? { key, values: object.values as Values } : null;
    },
  };
}

/** The key of the resource that a reference names: a self link, an API name or, where the template allows, a bare name. */
export function referredKey(type: string, reference: string, values: Values): string {
  const name = reference.replace(/^https:\/\/[^/]+\/(compute\/)?v1\//, '');
  const spec = byType.get(type);
  if (!spec || name.includes('/')) return name;
  const last = spec.key.match(/\{(\w+)\}$/)?.[1] ?? 'name';
  return keyOf(spec, { ...values, [last]: name });
}

/** The object that an argument of another refers to. */
export function referred(
  world: World,
  type: string,
  reference: Value | undefined,
  values: Values,
): CloudObject | undefined {
  return typeof reference === 'string' ? world.get(type, referredKey(type, reference, values)) : undefined;
}

/** A text attribute, or '' when it is not set. */
export function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === 'string' ? value : '';
}

/** The first element of a nested block. */
export function block(values: Values, name: string): Values | undefined {
  const value = values[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first && typeof first === 'object' && !isUnknown(first) ? (first as Values) : undefined;
}

/** Rules for several arguments at once. */
export function rules(change: Change, ...paths: string[]): Record<string, Change> {
  return Object.fromEntries(paths.map((path) => [path, change]));
}

/** A rule that takes only these values. */
export function oneOf(change: Change, ...allowed: string[]): ArgumentRule {
  return {
    change,
    check: (value) =>
      typeof value === 'string' && !allowed.includes(value)
        ? `must be one of ${allowed.join(', ')}, got ${value}`
        : undefined,
  };
}

/** A rule that takes what the pattern matches; `meaning` ends the message. */
export function matching(change: Change, pattern: RegExp, meaning: string): ArgumentRule {
  return {
    change,
    check: (value) =>
      typeof value === 'string' && !pattern.test(value) ? `must be ${meaning}, got "${value}"` : undefined,
  };
}

/** RFC 1035 label, the form of almost every Compute name. Source: Compute Engine naming convention. */
export const computeName = matching(
  'replace',
  /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  '1-63 lowercase letters, digits or hyphens, starting with a letter and not ending with a hyphen',
);

/** Replaces what Terraform has left unknown by null, at every depth. */
function known(value: Value): Value {
  if (isUnknown(value)) return null;
  if (Array.isArray(value)) return value.map(known);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value as Values).map(([name, inner]) => [name, known(inner)]));
  }
  return value;
}

function withCommonRules(spec: GoogleResource): ArgumentRules {
  const location: Record<string, Change> = {};
  for (const name of ['project', 'region', 'zone']) if (spec.key.includes(`{${name}}`)) location[name] = 'replace';
  return { ...location, ...spec.arguments };
}

function settle(planned: Values, context: Context, spec: GoogleResource): Values {
  const values = { ...(known(planned) as Values) };
  for (const name of ['project', 'region', 'zone']) {
    if (values[name] == null && (spec.key.includes(`{${name}}`) || name in spec.arguments)) {
      values[name] = context.provider[name] ?? null;
      if (name === 'region' && values[name] == null)
        values[name] = text(context.provider, 'zone').replace(/-[a-z]$/, '') || null;
    }
  }
  return values;
}

function keyOf(spec: GoogleResource, values: Values): string {
  return spec.key.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = text(values, name).replace(/^https:\/\/[^/]+\/compute\/v1\//, '');
    if (value) return /^projects\//.test(value) && name !== 'parent' ? (value.split('/').at(-1) ?? value) : value;
    throw new CloudError(`${name}: required field is not set`, `set ${name} on ${spec.type} or on the provider`);
  });
}

/** The project that a call counts to. */
function projectOf(key: string, values: Values, { provider }: Context): string {
  return text(values, 'project') || /(?:^|\/)projects\/([^/]+)/.exec(key)?.[1] || text(provider, 'project');
}

function common(values: Values, key: string, labelled: boolean): Values {
  const labels = { 'goog-terraform-provisioned': 'true', ...((values['labels'] as Values | null) ?? {}) };
  return {
    id: key,
    self_link: `https://www.googleapis.com/compute/v1/${key}`,
    ...(labelled ? { effective_labels: labels, terraform_labels: labels } : {}),
  };
}

function refuseMissing(spec: GoogleResource, values: Values, context: Context): void {
  for (const { reference, type } of references(spec, values)) {
    const key = referredKey(type, reference, values);
    if (!context.world.get(type, key)) throw notFound(key);
  }
}

function usersOf(type: string, key: string, world: World): CloudObject[] {
  const specs = [...byType.values()].filter(
    ({ copies, refers }) => !copies && Object.values(refers ?? {}).includes(type),
  );
  return specs.flatMap((spec) =>
    world
      .list(spec.type)
      .filter(({ values }) =>
        references(spec, values as Values).some(
          (ref) => ref.type === type && referredKey(type, ref.reference, values as Values) === key,
        ),
      ),
  );
}

function isPart({ type }: CloudObject, of: string): boolean {
  return byType.get(type)?.partOf === of;
}

function references(spec: GoogleResource, values: Values): { type: string; reference: string }[] {
  return Object.entries(spec.refers ?? {}).flatMap(([path, type]) =>
    valuesAt(values, path.split('.')).map((reference) => ({ type, reference })),
  );
}

function valuesAt(value: Value | undefined, path: string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((inner) => valuesAt(inner, path));
  if (path.length === 0) return typeof value === 'string' && value !== '' ? [value] : [];
  const [head = '', ...rest] = path;
  return value && typeof value === 'object' && !isUnknown(value) ? valuesAt((value as Values)[head], rest) : [];
}

function notFound(key: string): CloudError {
  return new CloudError(`Error 404: The resource '${key}' was not found, notFound`);
}
