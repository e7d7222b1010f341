import {
  type ArgumentRule,
  type ArgumentRules,
  type Change,
  type Context,
  ProviderError,
  type ResourceBehaviour,
} from '../protocol/behaviour';
import { knownOnly } from '../protocol/planned';
import { equal, hasUnknown, isUnknown, setOf, type Value, type Values, withoutUnknown } from '../protocol/values';
import { CloudError, inUse, notFound } from './cloud-error';
import { refuseRegion, refuseZone } from './compute/places';
import { DURATIONS } from './durations';
import { importable } from './import';
import { labelsOf, refuseLabels } from './labels';
import { find, isPart, keyOf, referredKey, refuseMissing, usersOf } from './references';
import type { GoogleResource } from './resource-type';
import { resourceName } from './resource-types';
import { refuseDisabled } from './services';
import { lastOf, regionOf, text } from './values';

/** The behaviour of a Google resource type, from its description. */
export function defineResource(spec: GoogleResource): ResourceBehaviour {
  const { type } = spec;
  const { noun, copies, key: template } = resourceName(type);
  const recomputed = spec.recomputed ?? [];
  return {
    type,
    arguments: withCommonRules(spec),
    recomputed,
    sensitive: spec.sensitive,

    plan(planned, prior, context) {
      const values = { ...planned, ...placeOf(spec, planned, context) };
      return { ...values, ...labelsOf(values, prior, context), ...spec.known?.(values, context) };
    },

    async create(planned, context) {
      const values = settle(planned, context, spec);
      const key = keyOf(type, values).replace('{#}', () => spec.number?.(values, context) ?? context.world.nextId());
      refuseDisabled(type, projectOf(key, values, context), context);
      if (template.includes('{region}')) refuseRegion(text(values, 'region'));
      if (template.includes('{zone}')) refuseZone(text(values, 'zone'), context.world);
      refuseMissing(type, values, context);
      const existing = context.world.get(type, key);
      // The provider then reads what is there, and changes nothing.
      if (existing && values['create_ignore_already_exists'] === true) {
        return { key, values: { ...(existing.values as Values), ...values } };
      }
      if (existing && !spec.idempotent) {
        throw new CloudError({ status: 409, reason: 'alreadyExists', message: `The resource '${key}' already exists` });
      }
      refuseLabels(values);
      spec.validateCreate?.(values, context, key);
      const { durations } = spec;
      const duration = typeof durations.create === 'function' ? durations.create(values) : durations.create;
      const labels = labelsOf({ effective_labels: null, ...values }, null, context);
      const created = { ...labels, ...values, ...common(key), ...spec.computed?.(values, context, key) };
      spec.beforeCreate?.(created, context, key);
      context.world.put({ type, key, values: created, hidden: spec.hidden?.(values, context, key) });
      await context.world.clock.sleep(DURATIONS[duration].typical);
      await spec.afterCreate?.(created, context, key);
      return { key, values: created };
    },

    async read(key, prior, context) {
      refuseDisabled(type, projectOf(key, prior, context), context);
      const object = find(context.world, type, key);
      return object ? { ...(object.values as Values), ...spec.live?.(object, context) } : null;
    },

    async update(key, prior, planned, context) {
      const object = context.world.get(type, key);
      if (!object) throw notFound(key);
      refuseDisabled(type, projectOf(key, prior, context), context);
      const values: Values = { ...(object.values as Values), ...(knownOnly(withoutUnknown(planned)) as Values) };
      if (!copies) refuseMissing(type, values, context);
      refuseLabels(values);
      await spec.beforeUpdate?.(prior, values, context, key);
      const computed = { ...common(key), ...spec.computed?.(values, context, key) };
      const afresh = Object.entries(computed).filter(([name]) => recomputed.includes(name));
      const changed: Values = { ...values, ...Object.fromEntries(afresh) };
      await context.world.clock.sleep(DURATIONS[spec.durations.update ?? 'control plane call'].typical);
      context.world.put({ ...object, values: changed });
      spec.afterUpdate?.(values, context, key);
      return changed;
    },

    async delete(key, prior, context) {
      refuseDisabled(type, projectOf(key, prior, context), context);
      if (!context.world.get(type, key)) return;
      const users = usersOf(type, key, context.world);
      const user = users.find((one) => !isPart(one, type) && !spec.release?.(one, key, context));
      if (user) {
        throw inUse(noun, key, user.key);
      }
      await spec.beforeDelete?.(prior, context, key);
      await context.world.clock.sleep(DURATIONS[spec.durations.delete].typical);
      for (const part of users.filter((one) => isPart(one, type))) context.world.remove(part.type, part.key);
      context.world.remove(type, key);
    },

    async import(id, context) {
      const object = spec.imported ? context.world.get(type, spec.imported(id) ?? '') : importable(type, id, context);
      return object ? { key: object.key, values: object.values as Values } : null;
    },
  };
}

/** A reference means the same by a bare name as by a self link, and so does a region or a zone. */
function withCommonRules(spec: GoogleResource): ArgumentRules {
  const rules: Record<string, Change | ArgumentRule> = { ...spec.arguments };
  const add = (path: string, same: NonNullable<ArgumentRule['same']>) => {
    const own = rules[path] ?? {};
    rules[path] = { ...(typeof own === 'string' ? { change: own } : own), same };
  };
  for (const [path, type] of Object.entries(resourceName(spec.type).refers ?? {})) {
    add(path, (before, after, values, { provider }) => {
      const named = { ...provider, ...setOf(values) };
      const keys = (value: Value) =>
        [value].flat().map((reference) => attempt(() => referredKey(type, String(reference), named)) ?? reference);
      return !hasUnknown(after) && equal(keys(before), keys(after));
    });
  }
  for (const name of ['region', 'zone']) {
    if (resourceName(spec.type).key.includes(`{${name}}`))
      add(name, (before, after) => lastOf(before) === lastOf(after));
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

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

function settle(planned: Values, context: Context, spec: GoogleResource): Values {
  const values = { ...(knownOnly(planned) as Values) };
  const { provider } = context;
  const region = () => text(provider, 'region') || regionOf(text(provider, 'zone')) || null;
  for (const name of ['project', 'region', 'zone', 'location']) {
    if (values[name] != null || !resourceName(spec.type).key.includes(`{${name}}`)) continue;
    values[name] = name === 'region' || name === 'location' ? region() : (provider[name] ?? null);
  }
  return values;
}

/** The project that a call counts to. */
function projectOf(key: string, values: Values, { provider }: Context): string {
  return text(values, 'project') || /(?:^|\/)projects\/([^/]+)/.exec(key)?.[1] || text(provider, 'project');
}

function common(key: string): Values {
  return { id: key, self_link: `https://www.googleapis.com/compute/v1/${key}` };
}
