import type { Platform } from '../../platforms/schema/form';
import type { Json } from '../json';

/** A problem that a check finds in an object. */
export interface Problem {
  readonly object: Json;
  /** Where in the object, such as `spec.template.spec.containers[app].image`. */
  readonly path: string;
  /** What is wrong, with the value got. */
  readonly wrong: string;
  /** What to do. */
  readonly fix: string;
}

/** A rule over all objects of an environment. */
export type Check = (objects: readonly Json[], environment: Environment) => Problem[];

/** What a check needs besides the objects. */
export interface Environment {
  /** Where `k8s` and `platforms` are. */
  readonly root: string;
  readonly platform: string;
  readonly env: string;
  /** The platform's description. */
  readonly description: Platform;
  readonly provider: string;
  /** Storage classes that exist in the cluster. */
  readonly storageClasses: readonly string[];
  /** Its overlays, relative to `k8s/<platform>`. */
  readonly overlays: readonly string[];
}

/** Names an object as `Kind/namespace/name`. */
export function nameOf({ kind, metadata }: Json): string {
  return [kind, metadata.namespace, metadata.name].filter(Boolean).join('/');
}

/** All values below a key of that name, at any depth, with their paths. */
export function valuesOf(node: unknown, key: string, path = ''): { path: string; value: unknown }[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => {
    const here = Array.isArray(node) ? `${path}[${name}]` : path ? `${path}.${name}` : name;
    return [...(name === key ? [{ path: here, value }] : []), ...valuesOf(value, key, here)];
  });
}

const ORIGIN = Symbol('origin');

/** Records the overlay that an object was built from, such as `k8s/techtorque/overlays/dev`. */
export function withOrigin(object: Json, origin: string): Json {
  return Object.defineProperty(object, ORIGIN, { value: origin });
}

/** The overlay that an object was built from. */
export function originOf(object: Json): string {
  return object[ORIGIN];
}

/** A problem of a platform's description or its trees. */
export interface ValidationProblem {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Where in the file: the object and its field, or the field of the description. */
  readonly path?: string;
  /** The value, if the rule is about one. */
  readonly value?: unknown;
  /** What is wrong. */
  readonly rule: string;
  /** What to do. */
  readonly fix: string;
}

/** A problem on one line: file, path, rule with the value, fix. */
export function printProblem({ file, path, rule, fix }: ValidationProblem): string {
  return `${[file, path, rule].filter(Boolean).join(': ')}; ${fix}`;
}
