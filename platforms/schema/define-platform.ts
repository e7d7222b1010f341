import type { z } from 'zod';
import { UsageError } from '../../errors';
import { type Environment, form, type Platform } from './form';
import { check, type Problem } from './problems';
import { DELIVERY_RULES } from './rules/delivery';
import { GOOGLE_RULES } from './rules/google';
import { IMAGE_RULES } from './rules/images';
import { NETWORK_RULES } from './rules/network';
import { problemsBetween } from './rules/rule';

export type { Environment, EnvironmentDescription, Platform } from './form';
export { imageRepository, registryHost } from './registry';

const RULES = [...GOOGLE_RULES, ...NETWORK_RULES, ...IMAGE_RULES, ...DELIVERY_RULES];

/** Validates the description of a platform and fills in its defaults. @throws {PlatformError} listing every problem. */
export function definePlatform(description: z.input<typeof form>): Platform {
  const subject = `platform "${(description as { name?: unknown } | undefined)?.name ?? ''}"`;
  return check(form, description, subject, (issues) => {
    const dropped = droppedKeys(description);
    return dropped.length > 0 ? dropped : problemsBetween(description, issues, RULES);
  });
}

/** Reports `__proto__` as a key of a record: JavaScript treats it differently from any other key, and the schema would drop it. */
function droppedKeys(description: unknown): Problem[] {
  if (typeof description !== 'object' || description === null) return [];
  return Object.entries(description).flatMap(([table, entries]) =>
    typeof entries === 'object' && entries !== null && Object.hasOwn(entries, '__proto__')
      ? [{ path: [table, '__proto__'], input: '__proto__', message: 'choose another name' }]
      : [],
  );
}

/** An environment of a platform. @throws {UsageError} listing the existing ones if it is unknown. */
export function environmentOf(platform: Platform, env: string): Environment {
  const found = Object.hasOwn(platform.environments, env) ? platform.environments[env] : undefined;
  if (found) return found;
  const known = Object.keys(platform.environments).join(', ');
  throw new UsageError(`unknown environment "${env}" in platform "${platform.name}"; expected one of ${known}`);
}
