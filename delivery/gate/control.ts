import { existsSync, readFileSync } from 'node:fs';
import { parse, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Platform } from '../../platforms/schema/define-platform';
import { noun } from '../../platforms/schema/noun';
import { timeZone } from '../../platforms/schema/power';
import { check, PlatformError, type Problem } from '../../platforms/schema/problems';
import { DAYS } from './hours';

/** Longest file that is read, in characters. Ours have about two thousand. */
const LIMIT = 100_000;

const time = z
  .string('quote the time, such as "10:00"')
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'give a time such as "10:00", up to "24:00"');

const span = z
  .strictObject({
    days: z.array(z.enum(DAYS)).min(1),
    from: time.refine((value) => value !== '24:00', 'give "00:00": a window begins on the day that is named'),
    to: time,
  })
  .refine(({ from, to }) => from !== to, 'from and to are equal; for a whole day give from "00:00" to "24:00"');

const windows = z
  .strictObject({
    enabled: z.boolean(),
    /** Whose clocks count: a name in the IANA time zone database. */
    time_zone: timeZone.optional(),
    /** When deployment is allowed. `from` later than `to` means over midnight, of the day on which it begins. */
    windows: z.array(span).min(1).optional(),
  })
  .refine(
    ({ enabled, time_zone, windows }) => !enabled || (time_zone && windows),
    'give time_zone and windows, or set enabled to false',
  );

const service = z.strictObject({
  enabled: z.boolean(),
  /** A push to the branch deploys it. */
  auto_deploy: z.boolean(),
  /** @default false */
  require_approval: z.boolean().optional(),
  /** A rollout that fails is taken back. */
  rollback_on_failure: z.boolean(),
});

const environment = z.strictObject({
  /** Accepts deployments at all. */
  enabled: z.boolean(),
  /** A push to the branch deploys. */
  auto_deploy: z.boolean(),
  require_manual_approval: z.boolean(),
  deployment_windows: windows,
  services: z.record(noun, service),
});

const schema = z.strictObject({
  global: z.strictObject({
    /** The kill switch: false stops every deployment to every environment, whoever starts it. */
    auto_deploy: z.boolean(),
  }),
  environments: z.record(noun, environment),
});

/** `deploy-control.yaml`, version 3: when and how each environment of a platform may be deployed to. */
export type Control = z.output<typeof schema>;

/** What `deploy-control.yaml` says of one environment. */
export type EnvironmentControl = Control['environments'][string];

/** Path of a platform's `deploy-control.yaml` in its repository. */
export function controlPath(platform: string): string {
  return `platforms/${platform}/deploy-control.yaml`;
}

/** What the rules need to know of a platform. */
type Described = Pick<Platform, 'name' | 'environments' | 'services'>;

/**
 * Reads the `deploy-control.yaml` of a platform in the working folder, and holds the configurations of its clusters
 * against it.
 *
 * @throws {PlatformError} with all that is wrong with it.
 */
export function loadControl(platform: Described): Control {
  const path = controlPath(platform.name);
  if (!existsSync(path)) throw new PlatformError(path, ['it does not exist; copy that of another platform']);
  const control = readControl(platform, readFileSync(path, 'utf8'));
  checkClusters(platform, control);
  return control;
}

/**
 * Reads the text of a platform's `deploy-control.yaml`.
 *
 * @throws {PlatformError} with all that is wrong with it: YAML, fields, environments and services that are unknown or
 *   missing, environments with different keys, and production that deploys itself.
 */
export function readControl(platform: Described, text: string): Control {
  const subject = controlPath(platform.name);
  const content = parsed(subject, text);
  return check(schema, content, subject, (issues) =>
    rulesBetween(platform, content).filter(({ path }) => !issues.some((issue) => isWithin(path, issue.path))),
  );
}

/** A push that creates a cluster deploys to it: an environment that no push deploys to has none that a push creates. */
function checkClusters({ name, environments }: Described, control: Control): void {
  const problems = Object.entries(control.environments).flatMap(([env, { enabled, auto_deploy }]) => {
    const file = `k8s/${name}/hetzner/${env}/cluster/cluster-config.yaml`;
    if (environments[env]?.cluster.kind !== 'hetzner-k3s' || (enabled && auto_deploy)) return [];
    const cluster = parse(readFileSync(file, 'utf8')) as { auto_deploy?: unknown };
    const off = `environments.${env}.${enabled ? 'auto_deploy' : 'enabled'}`;
    return cluster.auto_deploy === true
      ? [`${off}: got false, and auto_deploy is true in ${file}; set it to false there`]
      : [];
  });
  if (problems.length > 0) throw new PlatformError(controlPath(name), problems);
}

function parsed(subject: string, text: string): unknown {
  if (text.length > LIMIT) {
    throw new PlatformError(subject, [`it has ${text.length} characters; at most ${LIMIT} are read`]);
  }
  try {
    const document = parseDocument(text);
    const problems = [...document.errors, ...document.warnings].map(({ message }) => message.split('\n')[0] ?? '');
    if (problems.length > 0) throw new PlatformError(subject, problems);
    const content: unknown = document.toJS();
    // Throws on a value that contains itself.
    JSON.stringify(content);
    return content;
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    throw new PlatformError(subject, [`it cannot be read: ${(error as Error).message.split('\n')[0]}`]);
  }
}

/** The rules that no field can check alone. Asks a file as it was written: any part of it may be wrong. */
function rulesBetween(platform: Described, content: unknown): Problem[] {
  const environments = valueAt(content, ['environments']);
  const gated = Object.entries(platform.environments).flatMap(([env, { delivery }]) => (delivery.gate ? [env] : []));
  return [
    ...sameNames(['environments'], environments, gated, 'the environments whose delivery has gate: true'),
    ...keysOf(environments).flatMap((env) => {
      const path = ['environments', env, 'services'];
      return sameNames(path, valueAt(content, path), Object.keys(platform.services), 'the services of the platform');
    }),
    ...sameKeys(environments),
    ...production(content),
  ];
}

function sameNames(path: readonly string[], value: unknown, wanted: readonly string[], what: string): Problem[] {
  const got = keysOf(value);
  const isSame = got.length === wanted.length && wanted.every((name) => got.includes(name));
  if (isSame) return [];
  return [{ path, input: got, message: `list ${what} and nothing else: ${wanted.join(', ') || 'none'}` }];
}

/** What one environment says, all say: a feature is tried in one before it is promoted, and a merge brings no surprise. */
function sameKeys(environments: unknown): Problem[] {
  const all = keysOf(environments).map((env) => ({ env, paths: pathsOf(valueAt(environments, [env])) }));
  const keys = new Set(all.flatMap(({ paths }) => paths));
  return all.flatMap(({ env, paths }) => {
    const isMissing = (key: string) => {
      const above = key.split('.').slice(0, -1).join('.');
      // Of a missing object only its own path is reported, and which services there are has a rule.
      return !paths.includes(key) && (above === '' || paths.includes(above)) && above !== 'services';
    };
    return [...keys].filter(isMissing).map((key) => {
      const other = all.find(({ paths }) => paths.includes(key))?.env;
      const message = `environment "${other}" has it, and every environment has the same keys`;
      return { path: ['environments', env, ...key.split('.')], input: undefined, message };
    });
  });
}

/** Production is never deployed by a push, and never without an approval. */
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
        ? [{ path, input: true, message: 'set it to false: production never deploys by itself' }]
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
function isWithin(path: readonly PropertyKey[], outer: readonly PropertyKey[]): boolean {
  return outer.every((key, index) => path[index] === key);
}
