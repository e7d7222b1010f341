import { type Context, ProviderError } from '../protocol/behaviour';
import { isUnknown, type Value, type Values } from '../protocol/values';
import type { CloudObject, World } from '../world';
import { notFound } from './cloud-error';
import { type GoogleResource, resourceType, resourceTypes } from './resource-type';
import { lastOf, regionOf, text } from './values';

/** Not an attribute of terraform's: Google has brought it. */
export const GIVEN = 'brought by Google';

/** The key of the resource that a reference names: a self link, an API name or, where the template allows, a bare name. */
export function referredKey(type: string, reference: string, values: Values): string {
  const name = reference.replace(/^https:\/\/[^/]+\/(compute\/)?v1\//, '');
  const spec = resourceType(type);
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
  return typeof reference === 'string' ? find(world, type, referredKey(type, reference, values)) : undefined;
}

/** The object of that type and key, also one that Google brings by itself. */
export function find(world: World, type: string, key: string): CloudObject | undefined {
  const known = world.get(type, key);
  const given = known ? undefined : resourceType(type)?.given?.(key, world);
  if (given) world.put({ type, key, values: given });
  return known ?? world.get(type, key);
}

/** The key of a resource, from its attributes. @throws CloudError when one of them is not set */
export function keyOf(spec: GoogleResource, values: Values): string {
  return spec.key.replace(/\{(\w+)\}/g, (_, name: string, at: number) => {
    const place = name === 'region' ? regionOf(text(values, 'zone')) : '';
    const value = (text(values, name) || place).replace(/^https:\/\/[^/]+\/compute\/v1\//, '');
    // What the key begins with is the whole name of another resource.
    if (value) return /^projects\//.test(value) && at > 0 ? lastOf(value) : value;
    throw new ProviderError(`${name}: required field is not set`, `set ${name} on ${spec.type} or on the provider`);
  });
}

/** Refuses a resource while something that it refers to does not exist. */
export function refuseMissing(spec: GoogleResource, values: Values, context: Context): void {
  for (const { reference, type } of references(spec, values)) {
    const key = referredKey(type, reference, values);
    if (!find(context.world, type, key)) throw notFound(key);
  }
}

/** The resources that refer to one. */
export function usersOf(type: string, key: string, world: World): CloudObject[] {
  const specs = resourceTypes().filter(({ copies, refers }) => !copies && Object.values(refers ?? {}).includes(type));
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

/** Whether one goes with what it refers to, and does not keep it from being deleted. */
export function isPart({ type, values }: CloudObject, of: string): boolean {
  return resourceType(type)?.partOf === of || values[GIVEN] === true;
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
