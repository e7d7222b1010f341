import { type Context, ProviderError, type ResourceBehaviour } from '../protocol/behaviour';
import { type Values, withoutUnknown } from '../protocol/values';

/** A GitHub resource in a few lines. */
export interface GithubResource {
  readonly type: string;
  /** Its key, and its id for terraform, from its attributes: `{repository}:{variable_name}`. */
  readonly key: string;
  /** Arguments that name a repository, and those that name one of its environments. */
  readonly needs?: { readonly repository: string; readonly environment?: string };
  readonly computed?: (values: Values, context: Context) => Values;
  readonly validateCreate?: (values: Values, context: Context) => void;
}

/** Seconds of a call to GitHub's API. */
const CALL_SECONDS = 1;

/** Makes the behaviour of a GitHub resource type out of its description. */
export function defineGithub(spec: GithubResource): ResourceBehaviour {
  return {
    type: spec.type,
    arguments: {},

    async create(planned, context) {
      const values = withoutUnknown(planned);
      const name = keyOf(spec, values).replace('{#}', () => context.world.nextId());
      const named = context.world.list(spec.type).some((other) => keyOf(spec, other.values as Values) === name);
      if (named) throw new ProviderError(`POST ${name}: 422 already exists`);
      // The name of one that was renamed is free again, its key in this world is not.
      const key = context.world.get(spec.type, name) ? `${name}#${context.world.nextId()}` : name;
      refuseMissing(spec, values, context);
      spec.validateCreate?.(values, context);
      const made = { ...values, id: name, ...spec.computed?.(values, context) };
      context.world.put({ type: spec.type, key, values: made });
      await context.world.clock.sleep(CALL_SECONDS);
      return { key, values: made };
    },

    async read(key, _prior, context) {
      return (context.world.get(spec.type, key)?.values as Values | undefined) ?? null;
    },

    async update(key, _prior, planned, context) {
      const object = context.world.get(spec.type, key);
      if (!object) throw new ProviderError(`PATCH ${key}: 404 Not Found`);
      const values = { ...(object.values as Values), ...withoutUnknown(planned) };
      spec.validateCreate?.(values, context);
      await context.world.clock.sleep(CALL_SECONDS);
      context.world.put({ type: spec.type, key, values });
      return values;
    },

    async delete(key, _prior, context) {
      await context.world.clock.sleep(CALL_SECONDS);
      context.world.remove(spec.type, key);
    },

    async import(id, context) {
      const object = context.world.list(spec.type).find(({ values }) => keyOf(spec, values as Values) === id);
      return object ? { key: object.key, values: object.values as Values } : null;
    },
  };
}

function keyOf(spec: GithubResource, values: Values): string {
  return spec.key.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

function refuseMissing({ needs }: GithubResource, values: Values, { world }: Context): void {
  if (!needs) return;
  const repository = String(values[needs.repository]);
  const isThere = world
    .list('github_repository')
    .some(({ values: { name, node_id } }) => name === repository || node_id === repository);
  if (!isThere) throw new ProviderError(`GET /repos/${repository}: 404 Not Found`);
  const environment = needs.environment && String(values[needs.environment]);
  if (environment && !world.get('github_repository_environment', `${repository}:${environment}`)) {
    throw new ProviderError(`GET /repos/${repository}/environments/${environment}: 404 Not Found`);
  }
}
