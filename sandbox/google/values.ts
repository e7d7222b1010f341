import type { Change } from '../protocol/behaviour';
import { isUnknown, type Value, type Values } from '../protocol/values';
import { invalidField } from './cloud-error';

/** The form of almost every name in Compute Engine. Source: RFC 1035, as the Compute API quotes it. */
export const COMPUTE_NAME = /^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;

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

/** The last part of a self link, or the bare name that it is. */
export function lastOf(value: Value): string {
  return String(value).split('/').at(-1) ?? '';
}

/** `us-east1` of `us-east1-b`, or of its self link. */
export function regionOf(zone: string): string {
  return lastOf(zone).replace(/-[a-z]$/, '');
}

/** Refuses a name that Google refuses. @throws CloudError */
export function refuseUnlike(pattern: RegExp, field: string, value: string): void {
  if (pattern.test(value)) return;
  throw invalidField(field, value, `Must be a match of regex '${pattern.source}'`);
}
