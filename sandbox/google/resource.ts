import {
  type ArgumentRule,
  type ArgumentRules,
  type Change,
  CloudError,
  type Context,
  type ResourceBehaviour,
} from '../protocol/behaviour';
import { equal, hasUnknown, isObject, isUnknown, UNKNOWN, type Value, type Values } from '../protocol/values';
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
  /** Rules besides the provider's table. @default - none */
  readonly arguments?: ArgumentRules;
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
  /** Making it twice is no conflict: grants and switches. */
  readonly idempotent?: boolean;
  /** What the provider knows at plan already, besides its project and its labels. Values may be unknown. */
  readonly known?: (planned: Values, context: Context) => Values;
  /** What the provider takes from its own block at plan already. @default 'project' */
  readonly placed?: 'late' | 'project' | 'project and place';
  readonly recomputed?: readonly string[];
  readonly sensitive?: readonly string[];
  readonly takes: {
    readonly create: Operation | ((values: Values) => Operation);
    readonly update?: Operation;
    readonly delete: Operation;
  };
}

/** The label that the provider puts on what it creates. Source: google provider, `add_terraform_attribution_label`. */
const ATTRIBUTION = { 'goog-terraform-provisioned': 'true' };

const byType = new Map<string, GoogleResource>();

/** The form of almost every name in Compute Engine. Source: RFC 1035, as the Compute API quotes it. */
export const COMPUTE_NAME = /^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;

/** Makes the behaviour of a Google resource type out of its description. */
export function defineResource(spec: GoogleResource): ResourceBehaviour {
  byType.set(spec.type, spec);
  const recomputed = spec.recomputed ?? [];
  return {
    type: spec.type,
    arguments: withCommonRules(spec),
    recomputed,
    sensitive: spec.sensitive,

    plan(planned, prior, context) {
      const values = { ...planned, ...placeOf(spec, planned, context) };
      return { ...values, ...labelsOf(values, prior, context), ...spec.known?.(values, context) };
    },

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
      const labels = labelsOf({ effective_labels: null, ...values }, null, context);
      const made = { ...labels, ...values, ...common(key), ...spec.computed?.(values, context, key) };
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
      const computed = { ...common(key), ...spec.computed?.(values, context, key) };
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
      const object = importable(spec, id, context);
      return object ? { key: object.key, values: object.values as Values } : null;
    },
  };
}

/** The key of the resource that a reference names: a self link, an API name or, where the template allows, a bare name. */
export function referredKey(type: string, reference: string, values: Values): string {
  const name = reference.replace(/^https:\/\/[^/]+\/(compute\/)?v1\//, '');
  const spec = byType.get(type);
  if (!spec || name.includes('/')) return name;
  const last = spec.key.match(/\{(\w+)\}$/)?.[1];
  if (!last) return name;
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

/** A rule that takes what the pattern matches; `meaning` ends the message. */
export function matching(pattern: RegExp, meaning: string): ArgumentRule {
  return {
    check: (value) =>
      typeof value === 'string' && !pattern.test(value) ? `must be ${meaning}, got "${value}"` : undefined,
  };
}

/** Replaces what Terraform has left unknown by null, at every depth. */
function known(value: Value): Value {
  if (isUnknown(value)) return null;
  if (Array.isArray(value)) return value.map(known);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value as Values).map(([name, inner]) => [name, known(inner)]));
  }
  return value;
}

/** A reference means the same by a bare name as by a self link, and so does a region or a zone. */
function withCommonRules(spec: GoogleResource): ArgumentRules {
  const rules: Record<string, Change | ArgumentRule> = { ...spec.arguments };
  const add = (path: string, same: NonNullable<ArgumentRule['same']>) => {
    const own = rules[path] ?? {};
    rules[path] = { ...(typeof own === 'string' ? { change: own } : own), same };
  };
  for (const [path, type] of Object.entries(spec.refers ?? {})) {
    add(path, (before, after, values, { provider }) => {
      const named = { ...provider, ...setOf(values) };
      const keys = (value: Value) =>
        [value].flat().map((reference) => attempt(() => referredKey(type, String(reference), named)) ?? reference);
      return !hasUnknown(after) && equal(keys(before), keys(after));
    });
  }
  for (const name of ['region', 'zone']) {
    if (spec.key.includes(`{${name}}`)) add(name, (before, after) => lastOf(before) === lastOf(after));
  }
  return rules;
}

/** What a plan leaves open and the provider's block says. */
function placeOf({ placed = 'project' }: GoogleResource, planned: Values, { provider }: Context): Values {
  const names = { late: [], project: ['project'], 'project and place': ['project', 'region', 'zone'] }[placed];
  return setOf(
    Object.fromEntries(names.filter((name) => isUnknown(planned[name])).map((name) => [name, provider[name] ?? null])),
  );
}

function setOf(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && !isUnknown(value)));
}

function lastOf(value: Value): string {
  return String(value).split('/').at(-1) ?? '';
}

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof CloudError) return undefined;
    throw error;
  }
}

/** Labels as the provider computes them at plan: the provider block's, the resource's, and its own. */
function labelsOf(values: Values, prior: Values | null, { provider }: Context): Values {
  if (!('effective_labels' in values)) return {};
  const labels = values['labels'] ?? {};
  if (hasUnknown(labels)) return { effective_labels: UNKNOWN, terraform_labels: UNKNOWN };
  const before = prior?.['terraform_labels'];
  const attributed = isObject(before)
    ? 'goog-terraform-provisioned' in before
    : provider['add_terraform_attribution_label'] !== false;
  const all = {
    ...((provider['default_labels'] as Values | undefined) ?? {}),
    ...(labels as Values),
    ...(attributed ? ATTRIBUTION : {}),
  };
  return { effective_labels: all, terraform_labels: all };
}

/**
 * What an import id names: the whole key, its variable parts from the right (`zone/name`, `name`; spaces before a role and
 * a member), or what the resource shows as its id or name.
 */
function importable(spec: GoogleResource, id: string, { world, provider }: Context): CloudObject | undefined {
  const plain = id.replace(/^https:\/\/[^/]+\/compute\/v1\//, '').replace(/^\/\/[^/]+\//, '');
  const shows = ({ values }: CloudObject) => [values['id'], values['name'], values['email']].includes(plain);
  const known = world.get(spec.type, plain) ?? world.list(spec.type).find(shows);
  if (known) return known;
  const constants = spec.key.split('/').filter((part) => !part.includes('{'));
  const names = [...spec.key.matchAll(/\{([\w#]+)\}/g)].map(([, name = '']) => name);
  const [path = '', ...grant] = plain.split(' ');
  const variable = path.split('/').filter((part) => !constants.includes(part));
  const parts = [...(variable.length + grant.length > names.length ? [path] : variable), ...grant];
  if (parts.length > names.length) return undefined;
  const offset = names.length - parts.length;
  const key = spec.key.replace(/\{([\w#]+)\}/g, (_, name: string) => {
    const index = names.indexOf(name) - offset;
    return index >= 0 ? (parts[index] ?? '') : text(provider, name);
  });
  const withName = (object: CloudObject) => object.values['email'] === parts.at(-1);
  return world.get(spec.type, key) ?? world.list(spec.type).find(withName);
}

function settle(planned: Values, context: Context, spec: GoogleResource): Values {
  const values = { ...(known(planned) as Values) };
  const { provider } = context;
  const region = () => text(provider, 'region') || text(provider, 'zone').replace(/-[a-z]$/, '') || null;
  for (const name of ['project', 'region', 'zone', 'location']) {
    if (values[name] != null || !spec.key.includes(`{${name}}`)) continue;
    values[name] = name === 'region' || name === 'location' ? region() : (provider[name] ?? null);
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

function common(key: string): Values {
  return { id: key, self_link: `https://www.googleapis.com/compute/v1/${key}` };
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
