import { parseDocument } from 'yaml';
import { PlatformError } from '../../platforms/schema/problems';

/** Longest file that is read, in characters. Usual ones have about two thousand. */
const LIMIT = 100_000;

/**
 * Reads one YAML document from an untrusted source: of limited size, without duplicate keys, unknown tags, or aliases that
 * expand exponentially or refer to themselves.
 *
 * @param subject - name of the document in messages.
 * @throws {PlatformError} listing its problems.
 */
export function parseYaml(subject: string, text: string): unknown {
  if (text.length > LIMIT) {
    throw new PlatformError(subject, [`has ${text.length} characters; the limit is ${LIMIT}`]);
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
    throw new PlatformError(subject, [`could not be read: ${firstLine((error as Error).message)}`]);
  }
}

/** Further lines of the message only repeat the source. */
function firstLine(message: string): string {
  return message.split(/:?\n/)[0] ?? '';
}
