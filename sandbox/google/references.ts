import { type Context, ProviderError } from '../protocol/behaviour';
import { isUnknown, type Value, type Values } from '../protocol/values';
import type { CloudObject, World } from '../world';
import { notFound } from './cloud-error';
import { defaultNetwork, defaultSubnetwork } from './compute/default-network';
import { type GoogleType, RESOURCE_TYPES, resourceName } from './resource-types';
import { lastOf, regionOf, text } from './values';

/** The key of the resource that a reference names: a self link, an API name or, where the template allows, a bare name. */
export function referredKey(type: GoogleType, reference: string, values: Values): string {
  const name = reference.replace(/^https:\/\/[^/]+\/(compute\/)?v1\//, '');
  if (name.includes('/')) return name;
  const last = resourceName(type).key.match(/\{(\w+)\}$/)?.[1];
  return last ? keyOf(type, { ...values, [last]: name }) : name;
}

/** The object that an argument of another refers to. */
export function referred(
  world: World,
  type: GoogleType,
  reference: Value | undefined,
  values: Values,
): CloudObject | undefined {
  return typeof reference === 'string' ? find(world, type, referredKey(type, reference, values)) : undefined;
}

/** The object of that type and key, also one that Google creates unasked. */
export function find(world: World, type: GoogleType, key: string): CloudObject | undefined {
  const known = world.get(type, key);
  const values = known ? undefined : createdByGoogle(world, type, key);
  if (values) world.put({ type, key, values, hidden: { createdByGoogle: true } });
  return known ?? world.get(type, key);
}

function createdByGoogle(world: World, type: GoogleType, key: string): Values | undefined {
  if (type === 'google_compute_network') return defaultNetwork(key);
  if (type !== 'google_compute_subnetwork') return undefined;
  return defaultSubnetwork(
    key,
    (network) => find(world, 'google_compute_network', network)?.values as Values | undefined,
  );
}

/** The key of a resource, from its attributes. @throws ProviderError when one of them is not set */
export function keyOf(type: GoogleType, values: Values): string {
  return resourceName(type).key.replace(/\{(\w+)\}/g, (_, name: string, at: number) => {
    const place = name === 'region' ? regionOf(text(values, 'zone')) : '';
    const value = (text(values, name) || place).replace(/^https:\/\/[^/]+\/compute\/v1\//, '');
    // What the key begins with is the whole name of another resource.
    if (value) return /^projects\//.test(value) && at > 0 ? lastOf(value) : value;
    throw new ProviderError(`${name}: required field is not set`, `set ${name} on ${type} or on the provider`);
  });
}

/** Refuses a resource while something that it refers to does not exist. */
export function refuseMissing(type: GoogleType, values: Values, context: Context): void {
  for (const { reference, to } of references(type, values)) {
    const key = referredKey(to, reference, values);
    if (!find(context.world, to, key)) throw notFound(key);
  }
}

/** The resources that refer to one. */
export function usersOf(type: GoogleType, key: string, world: World): CloudObject[] {
  const types = (Object.keys(RESOURCE_TYPES) as GoogleType[]).filter((other) => !resourceName(other).copies);
  return types.flatMap((other) =>
    world.list(other).filter((object) => {
      const values = object.values as Values;
      return references(other, values).some(
        ({ reference, to }) => to === type && referredKey(to, reference, values) === key,
      );
    }),
  );
}

/** Whether a resource is deleted with the one that it refers to, and does not keep that one from being deleted. */
export function isPart({ type, hidden }: CloudObject, of: GoogleType): boolean {
  return hidden?.createdByGoogle === true || resourceName(type as GoogleType).partOf === of;
}

function references(type: GoogleType, values: Values): { reference: string; to: GoogleType }[] {
  return Object.entries(resourceName(type).refers ?? {}).flatMap(([path, to]) =>
    valuesAt(values, path.split('.')).map((reference) => ({ reference, to })),
  );
}

function valuesAt(value: Value | undefined, path: string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((inner) => valuesAt(inner, path));
  if (path.length === 0) return typeof value === 'string' && value !== '' ? [value] : [];
  const [head = '', ...rest] = path;
  return value && typeof value === 'object' && !isUnknown(value) ? valuesAt((value as Values)[head], rest) : [];
}
