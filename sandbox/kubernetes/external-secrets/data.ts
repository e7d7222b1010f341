/** What Secret Manager answers for one version of a secret: a value, no such secret, or a secret without a value. */
export type SecretAnswer = { readonly value: string } | 'missing' | 'empty';

/** Reads a secret. `version` is a number or `latest`. */
export type SecretReader = (project: string, name: string, version: string) => SecretAnswer;

/** A reference to (a part of) a secret. */
interface RemoteRef {
  readonly key: string;
  /** Path into a JSON value, such as `user.name`. */
  readonly property?: string;
  readonly version?: string;
}

/** The parts of an ExternalSecret's spec that the sandbox simulates. */
export interface ExternalSecretSpec {
  readonly refreshInterval?: string;
  readonly refreshPolicy?: string;
  readonly secretStoreRef?: { readonly name: string; readonly kind?: string };
  readonly target?: {
    readonly name?: string;
    readonly creationPolicy?: 'Owner' | 'Orphan' | 'Merge' | 'None';
    readonly deletionPolicy?: 'Retain' | 'Delete' | 'Merge';
    readonly template?: SecretTemplate;
  };
  readonly data?: readonly { readonly secretKey: string; readonly remoteRef: RemoteRef }[];
  readonly dataFrom?: readonly { readonly extract?: RemoteRef }[];
}

/** How the Secret is created from the values. */
interface SecretTemplate {
  readonly type?: string;
  readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly data?: Record<string, string>;
  readonly mergePolicy?: 'Replace' | 'Merge';
}

/**
 * Reads all values that an ExternalSecret refers to.
 *
 * @throws Error that names the entry and what is wrong with it: no such secret, no value in it, no such property.
 */
export function readData(spec: ExternalSecretSpec, project: string, read: SecretReader): Record<string, string> {
  const values: Record<string, string> = {};
  spec.dataFrom?.forEach(({ extract }, index) => {
    const where = `spec.dataFrom[${index}]`;
    if (!extract) throw new Error(`error processing ${where}, err: the sandbox simulates only dataFrom[].extract`);
    Object.assign(values, extractAll(where, extract, readValue(where, extract, project, read)));
  });
  spec.data?.forEach(({ secretKey, remoteRef }, index) => {
    values[secretKey] = readValue(`spec.data[${index}]`, remoteRef, project, read);
  });
  return template(spec.target?.template, values);
}

function readValue(where: string, ref: RemoteRef, project: string, read: SecretReader): string {
  const fail = (what: string) => new Error(`error processing ${where} (key: ${ref.key}), err: ${what}`);
  const version = ref.version ?? 'latest';
  const answer = read(project, ref.key, version);
  const name = `projects/${project}/secrets/${ref.key}`;
  if (answer === 'missing') throw fail(`secret ${name} does not exist; make it first`);
  if (answer === 'empty') throw fail(`secret ${name} has no version ${version}: it is empty until its value is set`);
  if (!ref.property) return answer.value;
  const property = ref.property.split('.').reduce<unknown>((value, key) => (value as never)?.[key], json(answer.value));
  if (property === undefined) throw fail(`key ${ref.property} does not exist in secret ${ref.key}`);
  return typeof property === 'string' ? property : JSON.stringify(property);
}

function extractAll(where: string, ref: RemoteRef, text: string): Record<string, string> {
  const map = json(text);
  if (typeof map !== 'object' || map === null) {
    throw new Error(
      `error processing ${where} (key: ${ref.key}), err: unable to unmarshal secret: it is not a JSON object`,
    );
  }
  const entries = Object.entries(map).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(entries);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Fills a template's data in; without one the values are the data. */
function template(given: SecretTemplate | undefined, values: Record<string, string>): Record<string, string> {
  if (!given?.data) return values;
  const filled = Object.entries(given.data).map(([key, text]) => [key, fill(key, text, values)] as const);
  return { ...(given.mergePolicy === 'Merge' ? values : {}), ...Object.fromEntries(filled) };
}

const FUNCTIONS = new Map<string, (text: string) => string>([
  ['toString', (text) => text],
  ['b64enc', (text) => Buffer.from(text).toString('base64')],
  ['b64dec', (text) => Buffer.from(text, 'base64').toString()],
  ['quote', (text) => JSON.stringify(text)],
  ['trim', (text) => text.trim()],
]);

function fill(name: string, text: string, values: Record<string, string>): string {
  return text.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, expression: string) => {
    const [head = '', ...pipes] = expression.split('|').map((part) => part.trim());
    const index = /^\.(\w+)$/.exec(head)?.[1] ?? /^index \. "([^"]+)"$/.exec(head)?.[1];
    if (!index || pipes.some((pipe) => !FUNCTIONS.has(pipe))) {
      throw new Error(`could not apply template: the sandbox cannot fill "{{ ${expression} }}" of ${name}`);
    }
    const value = values[index];
    if (value === undefined) throw new Error(`could not apply template: map has no entry for key "${index}"`);
    return pipes.reduce((result, pipe) => FUNCTIONS.get(pipe)?.(result) ?? result, value);
  });
}
