import { definePlatform } from '../../platforms/schema/define-platform';
import { PlatformError } from '../../platforms/schema/problems';
import { sound } from '../fixtures/platforms/sound';

type Description = Parameters<typeof definePlatform>[0];

/** The sound platform with values put in by dotted path, or taken out where they are null. */
export function changed(changes: Readonly<Record<string, unknown>>): Description {
  const copy = JSON.parse(JSON.stringify(sound)) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) put(copy, path.split('.'), value);
  return copy as unknown as Description;
}

/** What is wrong with a platform; empty when nothing is. */
export function problemsOf(description: Description): readonly string[] {
  try {
    definePlatform(description);
  } catch (error) {
    if (error instanceof PlatformError) return error.problems;
    throw error;
  }
  return [];
}

function put(object: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) put(object[key] as Record<string, unknown>, rest, value);
  else if (value === null) delete object[key];
  else object[key] = value;
}
