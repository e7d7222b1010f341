import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { noun } from '../../platforms/schema/noun';
import { timeZone } from '../../platforms/schema/power';
import { check, PlatformError } from '../../platforms/schema/problems';
import { type Described, isAtOrBelow, rulesBetween } from './control-rules';
import { DAYS } from './hours';
import { parseYaml } from './yaml';

const time = z
  .string('quote the time, such as "10:00"')
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'give a time such as "10:00", up to "24:00"');

const span = z
  .strictObject({
    days: z.array(z.enum(DAYS)).min(1),
    from: time.refine((value) => value !== '24:00', 'use "00:00": a window begins on the day that is listed'),
    to: time,
  })
  .refine(({ from, to }) => from !== to, 'from and to are equal; for a whole day give from "00:00" to "24:00"');

const windows = z
  .strictObject({
    enabled: z.boolean(),
    /** Time zone of the windows, from the IANA time zone database. */
    time_zone: timeZone.optional(),
    /** When deployment is allowed. If `from` is later than `to`, the window continues over midnight. */
    windows: z.array(span).min(1).optional(),
  })
  .refine(
    ({ enabled, time_zone, windows }) => !enabled || (time_zone && windows),
    'give time_zone and windows, or set enabled to false',
  );

const service = z.strictObject({
  enabled: z.boolean(),
  /** True if a push to the branch deploys it. */
  auto_deploy: z.boolean(),
  /** @default false */
  require_approval: z.boolean().optional(),
  /** True to roll a failed rollout back. */
  rollback_on_failure: z.boolean(),
});

const environment = z.strictObject({
  /** False to deny all deployments. */
  enabled: z.boolean(),
  /** True if a push to the branch deploys. */
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

/** The part of `deploy-control.yaml` about one environment. */
export type EnvironmentControl = Control['environments'][string];

/** Path of a platform's `deploy-control.yaml` in its repository. */
export function controlPath(platform: string): string {
  return `platforms/${platform}/deploy-control.yaml`;
}

/**
 * Reads the `deploy-control.yaml` of a platform in the working folder, and checks the configurations of its clusters against it.
 *
 * @throws {PlatformError} listing all problems.
 */
export function loadControl(platform: Described): Control {
  const path = controlPath(platform.name);
  if (!existsSync(path)) throw new PlatformError(path, ['the file does not exist; copy the one of another platform']);
  const control = readControl(platform, readFileSync(path, 'utf8'));
  checkClusters(platform, control);
  return control;
}

/**
 * Reads the text of a platform's `deploy-control.yaml`.
 *
 * @throws {PlatformError} listing all problems: invalid YAML or fields, unknown or missing environments and services,
 *   environments with different keys, and automatic deployment of production.
 */
export function readControl(platform: Described, text: string): Control {
  const subject = controlPath(platform.name);
  const content = parseYaml(subject, text);
  return check(schema, content, subject, (issues) =>
    rulesBetween(platform, content).filter(({ path }) => !issues.some((issue) => isAtOrBelow(path, issue.path))),
  );
}

/** A push that creates a cluster also deploys to it, so it must be allowed to. */
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
