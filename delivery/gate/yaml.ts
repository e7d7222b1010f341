import { parseDocument } from 'yaml';
import { PlatformError } from '../../platforms/schema/problems';

/** Longest file that is read, in characters. Ours have about two thousand. */
const LIMIT = 100_000;

/**
 * Reads one YAML document that anybody may have written: of limited size, without duplicate keys, unknown tags, or aliases
 * that multiply or refer to themselves.
 *
 * @throws {PlatformError} with what is wrong with it, named by `subject`
 */
export function parseYaml(subject: string, text: string): unknown {
  if (text.length > LIMIT) {
    throw new PlatformError(subject, [`it has ${text.length} characters; at most ${LIMIT} are read`]);
  }
  try {
    const document = parseDocument(text, { logLevel: 'error' });
    const problems = [...document.errors, ...document.warnings].map(({ message }) => firstLine(message));
    if (problems.length > 0) throw new PlatformError(subject, problems);
    const content: unknown = document.toJS();
    // Throws on a value that contains itself.
    JSON.stringify(content);
    return content;
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    throw new PlatformError(subject, [`it cannot be read: ${firstLine((error as Error).message)}`]);
  }
}

/** The lines after it show the place, as far as it can be shown. */
function firstLine(message: string): string {
  return message.split(/:?\n/)[0] ?? '';
}
