import { isObject } from '../../json';
import type { KubernetesObject } from '../../world';
import { ApiError } from '../api-server/api';
import { splitApiVersion } from '../api-server/kinds';
import { type FieldProblem, problemsOfFields, type Step } from './fields';
import { type KindSchema, OBJECT_META } from './schema';

/** How a client writes: it applies, or sends the whole object. */
export type Write = 'apply' | 'replace';

/** The API server's refusal of an object whose fields or types are not those of its kind. */
export function refusalOfFields(kind: KindSchema, object: KubernetesObject, write: Write): ApiError | undefined {
  const problems = undeclared(kind, object);
  if (problems.length === 0) return undefined;
  return write === 'apply' ? untyped(object, problems) : undecoded(kind, object, problems);
}

/** Unknown fields and values of a wrong type. The schema of a custom resource does not describe its metadata. */
export function undeclared(kind: KindSchema, object: KubernetesObject): FieldProblem[] {
  if (!kind.isCustom) return problemsOfFields(kind, object);
  const { metadata, ...rest } = object;
  const ofMetadata = problemsOfFields(OBJECT_META, metadata);
  return [
    ...ofMetadata.map((problem) => ({ ...problem, at: [{ field: 'metadata' }, ...problem.at] })),
    ...problemsOfFields(kind, rest).filter(({ at: [step] }) => !step || !isTypeMeta(step)),
  ];
}

function isTypeMeta(step: Step): boolean {
  return 'field' in step && ['apiVersion', 'kind'].includes(step.field);
}

/** Source: structured-merge-diff and managedfields of apimachinery. */
function untyped({ apiVersion, kind, metadata }: KubernetesObject, problems: readonly FieldProblem[]): ApiError {
  const { group, version } = splitApiVersion(apiVersion);
  const what = `${metadata.namespace ?? ''}/${metadata.name}; ${group}/${version}, Kind=${kind}`;
  const flag = problems.find(
    ({ expected, value }) => expected?.['x-kubernetes-int-or-string'] && typeof value === 'boolean',
  );
  if (flag) {
    const type = `${group}/${version}, Kind=${kind}`;
    return new ApiError(
      500,
      'InternalError',
      `failed to convert new object (${what}) to proper version: unable to convert unstructured object to ${type}: json: cannot unmarshal bool into Go value of type int32`,
    );
  }
  const lines = problems.map((problem) => `${appliedPath(problem.at)}: ${typeProblem(problem)}`);
  const all = lines.length === 1 ? lines[0] : `errors:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new ApiError(500, 'InternalError', `failed to create typed patch object (${what}): ${all}`);
}

function typeProblem({ expected, value }: FieldProblem): string {
  if (!expected) return 'field not declared in schema';
  if (expected['x-kubernetes-int-or-string']) return `expected any scalar, got ${printed(value)}`;
  switch (expected.type) {
    case 'integer':
    case 'number':
      return `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return `expected string, got &value.valueUnstructured{Value:${JSON.stringify(value)}}`;
    case 'boolean':
      return `expected boolean, got ${printed(value)}`;
    default:
      return `expected ${expected.type === 'array' ? 'list' : 'map'}, got ${printed(value)}`;
  }
}

function printed(value: unknown): string {
  return `&{${inGo(value)}}`;
}

/** As Go prints a value by `%v`. */
function inGo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inGo).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.keys(value).sort();
  return `map[${entries.map((key) => `${key}:${inGo(value[key])}`).join(' ')}]`;
}

/** Source: `transformDecodeError` of apiserver; sigs.k8s.io/json. Custom resources are decoded without types. */
function undecoded(
  kind: KindSchema,
  object: KubernetesObject,
  problems: readonly FieldProblem[],
): ApiError | undefined {
  const wrong = kind.isCustom ? undefined : problems.find(({ expected }) => expected);
  const unknown = problems.filter(({ expected }) => !expected);
  if (!wrong && unknown.length === 0) return undefined;
  const because = wrong
    ? `json: cannot unmarshal ${jsonType(wrong.value)} into Go struct field ${structField(wrong)} of type ${goTypeOf(wrong)}`
    : `strict decoding error: ${unknown.map(({ at }) => `unknown field "${decodedPath(at)}"`).join(', ')}`;
  const { version } = splitApiVersion(object.apiVersion);
  const message = `${object.kind} in version "${version}" cannot be handled as a ${object.kind}: ${because}`;
  return new ApiError(400, 'BadRequest', message);
}

/** The API server's message about the first value of a custom resource that has another type. */
export function problemOfTypes(kind: KindSchema, object: KubernetesObject): string | undefined {
  const wrong = problemsOfFields(kind, object).find(({ expected }) => expected);
  if (!wrong?.expected) return undefined;
  const path = decodedPath(wrong.at);
  const type = jsonType(wrong.value);
  return `${path}: Invalid value: "${type}": ${path} in body must be of type ${wrong.expected.type}: "${type}"`;
}

function appliedPath(at: readonly Step[]): string {
  return at.map((step) => ('field' in step ? `.${step.field}` : `[${step.key}]`)).join('');
}

/** A place as messages of a decoder name it: `spec.containers[0].image`. */
export function decodedPath(at: readonly Step[]): string {
  return at
    .map((step) => ('field' in step ? `.${step.field}` : `[${step.index}]`))
    .join('')
    .slice(1);
}

function structField({ at, owner }: FieldProblem): string {
  const fields = at.flatMap((step) => ('field' in step ? [step.field] : []));
  return [owner.split('.').at(-1), ...fields].join('.');
}

function goTypeOf({ expected }: FieldProblem): string {
  const { type, format, items } = expected ?? {};
  const named = items?.$ref?.split('.').slice(-2).join('.');
  return (
    { integer: format ?? 'int32', string: 'string', boolean: 'bool', array: `[]${named ?? 'string'}` }[String(type)] ??
    'struct'
  );
}

function goType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'object') return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
  return typeof value;
}

function jsonType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}
