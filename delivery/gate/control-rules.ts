import type { Platform } from '../../platforms/schema/define-platform';
import type { Problem } from '../../platforms/schema/problems';

/** The fields of a platform that the rules read. */
export type Described = Pick<Platform, 'name' | 'environments' | 'services' | 'images'>;

/** Names of what is delivered to an environment: services, and own images that no service runs, such as that of runners. */
export function deliverables({ services, images }: Pick<Platform, 'services' | 'images'>): string[] {
  return [...Object.keys(services), ...Object.keys(images)];
}

/** The rules between fields. They read the file as it was written: any part of it may be invalid. */
export function rulesBetween(platform: Described, content: unknown): Problem[] {
  const environments = valueAt(content, ['environments']);
  const gated = Object.entries(platform.environments).flatMap(([env, { delivery }]) => (delivery.gate ? [env] : []));
  return [
    ...sameNames(['environments'], environments, gated, 'the environments whose delivery has gate: true'),
    ...keysOf(environments).flatMap((env) => {
      const path = ['environments', env, 'services'];
      const wanted = deliverables(platform);
      return sameNames(path, valueAt(content, path), wanted, 'the services and own images of the platform');
    }),
    ...sameKeys(environments),
    ...production(content),
  ];
}

function sameNames(path: readonly string[], value: unknown, wanted: readonly string[], what: string): Problem[] {
  const got = keysOf(value);
  const isSame = got.length === wanted.length && wanted.every((name) => got.includes(name));
  if (isSame) return [];
  return [{ path, input: got, message: `list exactly ${what}: ${wanted.join(', ') || 'none'}` }];
}

/** All environments have the same keys, so that a change is tried in one before it is promoted, without surprises in a merge. */
function sameKeys(environments: unknown): Problem[] {
  const all = keysOf(environments).map((env) => ({ env, paths: pathsOf(valueAt(environments, [env])) }));
  const keys = new Set(all.flatMap(({ paths }) => paths));
  return all.flatMap(({ env, paths }) => {
    const isMissing = (key: string) => {
      const above = key.split('.').slice(0, -1).join('.');
      // For a missing object only its own path is reported; the names of services have a separate rule.
      return !paths.includes(key) && (above === '' || paths.includes(above)) && above !== 'services';
    };
    return [...keys].filter(isMissing).map((key) => {
      const other = all.find(({ paths }) => paths.includes(key))?.env;
      const message = `add it: environment "${other}" has it, and all environments must have the same keys`;
      return { path: ['environments', env, ...key.split('.')], input: undefined, message };
    });
  });
}

/** Production is never deployed by a push or without an approval. */
function production(content: unknown): Problem[] {
  const prod = ['environments', 'prod'];
  const services = keysOf(valueAt(content, [...prod, 'services']));
  const automatic = [prod, ...services.map((name) => [...prod, 'services', name])].map((path) => [
    ...path,
    'auto_deploy',
  ]);
  return [
    ...automatic.flatMap((path) =>
      valueAt(content, path) === true
        ? [{ path, input: true, message: 'set it to false: production is never deployed automatically' }]
        : [],
    ),
    ...(valueAt(content, [...prod, 'require_manual_approval']) === false
      ? [
          {
            path: [...prod, 'require_manual_approval'],
            input: false,
            message: 'set it to true: production always needs an approval',
          },
        ]
      : []),
  ];
}

/** Paths of all keys of an object, those of lists left out. */
function pathsOf(value: unknown): string[] {
  return keysOf(value).flatMap((key) => [key, ...pathsOf(valueAt(value, [key])).map((path) => `${key}.${path}`)]);
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (keysOf(inner).includes(key) ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** True when a path is at or below another one. */
export function isAtOrBelow(path: readonly PropertyKey[], outer: readonly PropertyKey[]): boolean {
  return outer.every((key, index) => path[index] === key);
}
