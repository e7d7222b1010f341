import { type Document, parseAllDocuments } from 'yaml';
import type { Json } from './json';

interface Parsed {
  readonly documents: readonly Document.Parsed[];
  readonly values: readonly Json[];
}

/** More files than all trees have. */
const MOST = 1000;

/** Texts that were parsed, the one that was used last at the end: a validation reads every file several times. */
const known = new Map<string, Parsed>();

/** The documents of a YAML stream. They are shared: do not change them. */
export function documentsIn(text: string): readonly Document.Parsed[] {
  return parsed(text).documents;
}

/**
 * The values of the documents of a YAML stream, new ones at each call.
 *
 * @throws Error when the text is not YAML that has a value.
 */
export function parse(text: string): Json[] {
  return parsed(text).values.map(copyOf);
}

function parsed(text: string): Parsed {
  const documents = known.get(text)?.documents ?? parseAllDocuments(text);
  const found = known.get(text) ?? { documents, values: documents.map((document) => document.toJS()) };
  known.delete(text);
  known.set(text, found);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  return found;
}

function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one)]));
}
