import { type Document, isMap, parseAllDocuments } from 'yaml';
import { RefusedError } from '../errors';

/** The placeholder for a value in a template of a Secret. */
const PLACEHOLDER = 'StrongBase64Password';

interface SecretManifest {
  readonly kind?: string;
  readonly metadata: { readonly name: string };
  readonly stringData?: Readonly<Record<string, string>>;
}

/**
 * Replaces the placeholders of Secrets by values, in memory: the result must not be written to disk. Key
 * `password` of Secret `postgres-sa` becomes the value `POSTGRES_SA_PASSWORD`.
 *
 * @param manifests - YAML documents, as kustomize builds them.
 * @param values - by name, as GitHub's secrets of an environment are called.
 * @throws {RefusedError} listing every value that is missing, empty, or the placeholder itself, and every Secret with a
 *   placeholder elsewhere.
 */
export function fillTemplates(manifests: string, values: Readonly<Record<string, string | undefined>>): string {
  const missing: string[] = [];
  const documents = parseAllDocuments(manifests);
  for (const document of documents) {
    const { kind, metadata, stringData = {} } = (document.toJS() ?? {}) as SecretManifest;
    if (kind !== 'Secret' || !isMap(document.contents)) continue;
    for (const [key] of Object.entries(stringData).filter(([, text]) => text === PLACEHOLDER)) {
      const name = `${metadata.name}_${key}`.replaceAll('-', '_').toUpperCase();
      const value = values[name];
      if (!value || value === PLACEHOLDER) missing.push(name);
      else document.setIn(['stringData', key], value);
    }
  }
  if (missing.length > 0) {
    throw new RefusedError(
      `nothing was applied: Secrets still contain the placeholder "${PLACEHOLDER}"; set a value for ${missing.join(', ')}`,
    );
  }
  const filled = documents.map((document) => document.toString());
  const left = documents
    .filter((document, index) => document.get('kind') === 'Secret' && filled[index]?.includes(PLACEHOLDER))
    .map(nameOf);
  if (left.length === 0) return filled.join('');
  throw new RefusedError(
    `nothing was applied: the placeholder "${PLACEHOLDER}" is in a place where it is not replaced: ${left.join(', ')}; ` +
      'use it only as a whole value in `stringData` of a Secret',
  );
}

function nameOf(document: Document): string {
  const { kind, metadata } = document.toJS() as SecretManifest;
  return `${kind} ${metadata.name}`;
}
