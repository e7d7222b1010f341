import type { Power } from '../../platforms/schema/power';
import { type Control, controlPath, type EnvironmentControl } from './control';
import { DAYS, type Hours, isWithin, nextChange, shown } from './hours';

/** What a person has approved: one version of one service for one environment, until it expires. */
export interface Approval {
  readonly platform: string;
  readonly environment: string;
  readonly service: string;
  /** Image tag, or the commit where CI applies the manifests. */
  readonly version: string;
  /** Name of the author of the commit that approves. */
  readonly approver: string;
  /** RFC 3339. */
  readonly expires: string;
  /** Why the deployment windows are overridden. @default - they are not overridden */
  readonly emergency?: string | undefined;
}

/** A question to the gate. */
export interface GateRequest {
  readonly platform: string;
  readonly environment: string;
  readonly service: string;
  /** Image tag, or the commit where CI applies the manifests. @default - not known yet, so no approval matches */
  readonly version?: string | undefined;
  /** Whether a push or a person started it. */
  readonly trigger: 'push' | 'manual';
  /** All approvals in the repository, for any version. */
  readonly approvals: readonly Approval[];
  /** When the cluster is awake. @default - always */
  readonly power?: Power | undefined;
}

/** The effect of a reason on the decision. */
export type Effect = 'allow' | 'deny' | 'needs-approval';

/** One reason of a decision. */
interface Reason {
  readonly code:
    | 'approved'
    | 'asleep'
    | 'automatic-off'
    | 'emergency'
    | 'environment-disabled'
    | 'kill-switch'
    | 'not-approved'
    | 'not-listed'
    | 'outside-windows'
    | 'service-disabled'
    | 'within-windows';
  readonly effect: Effect;
  readonly what: string;
  /** The rule, with its key in the file. */
  readonly why: string;
  /** Until when it applies: a time or an event. */
  readonly until: string;
  /** Who may override it, and how. */
  readonly override: string;
}

/** The gate's answer. A reason to deny outweighs all others, and a missing approval outweighs every reason to allow. */
export interface Decision {
  readonly verdict: Effect;
  readonly reasons: readonly Reason[];
}

const NOBODY = 'nobody';

/**
 * Decides whether a service may be deployed now.
 *
 * @param control - undefined if the environment's delivery has no gate: then only its power schedule matters.
 */
export function decide(control: Control | undefined, request: GateRequest, now: Date): Decision {
  const reasons = [...(control ? rulesOf(control, request, now) : []), ...asleep(request, now)];
  const has = (effect: Effect) => reasons.some((reason) => reason.effect === effect);
  return { verdict: has('deny') ? 'deny' : has('needs-approval') ? 'needs-approval' : 'allow', reasons };
}

/** True if the power schedule is the only reason against it. */
export function isAsleepOnly({ reasons }: Decision): boolean {
  const against = reasons.filter(({ effect }) => effect !== 'allow');
  return against.length > 0 && against.every(({ code }) => code === 'asleep');
}

function rulesOf(control: Control, request: GateRequest, now: Date): Reason[] {
  const { environment: env, service } = request;
  const file = controlPath(request.platform);
  const environment = own(control.environments, env);
  const flags = environment && own(environment.services, service);
  if (!environment || !flags) {
    const missing = environment ? `environments.${env}.services.${service}` : `environments.${env}`;
    return [
      ...killSwitch(control, request),
      {
        code: 'not-listed',
        effect: 'deny',
        what: `${service} may not be deployed to ${env}`,
        why: `${missing} is not in ${file}`,
        until: `it is added to ${file}`,
        override: NOBODY,
      },
    ];
  }
  const key = `environments.${env}`;
  const off = (path: string) => ({
    why: `${path} is false`,
    until: `it is set to true in ${file}`,
  });
  const automatic = [
    ...(environment.auto_deploy ? [] : [`${key}.auto_deploy`]),
    ...(flags.auto_deploy ? [] : [`${key}.services.${service}.auto_deploy`]),
  ];
  const deny = (code: Reason['code'], what: string, path: string, override: string): Reason => ({
    code,
    effect: 'deny',
    what,
    ...off(path),
    override,
  });
  return [
    ...killSwitch(control, request),
    ...(environment.enabled
      ? []
      : [deny('environment-disabled', `${env} accepts no deployments`, `${key}.enabled`, NOBODY)]),
    ...(flags.enabled
      ? []
      : [
          deny(
            'service-disabled',
            `${service} may not be deployed to ${env}`,
            `${key}.services.${service}.enabled`,
            NOBODY,
          ),
        ]),
    ...(request.trigger === 'push'
      ? automatic.map((path) => ({
          ...deny(
            'automatic-off',
            `a push does not deploy ${service} to ${env}`,
            path,
            'a person starts the deployment',
          ),
          ...(env === 'prod' && { until: 'forever: production is never deployed automatically' }),
        }))
      : []),
    ...windowsOf(environment, request, now),
    ...approvalOf(environment, request, now),
  ];
}

function killSwitch({ global }: Control, { platform }: GateRequest): Reason[] {
  if (global.auto_deploy) return [];
  return [
    {
      code: 'kill-switch',
      effect: 'deny',
      what: `no service of ${platform} may be deployed`,
      why: 'the kill switch is on: global.auto_deploy is false',
      until: `it is set to true in ${controlPath(platform)}`,
      override: NOBODY,
    },
  ];
}

function windowsOf({ deployment_windows: set }: EnvironmentControl, request: GateRequest, now: Date): Reason[] {
  if (!set.enabled) return [];
  const { environment: env } = request;
  const hours: Hours = { timeZone: set.time_zone ?? 'UTC', spans: set.windows ?? [] };
  const spans = hours.spans.map(({ days, from, to }) => `${days.join(' ')} ${from}-${to}`).join(', ');
  const why = `environments.${env}.deployment_windows has ${spans} ${hours.timeZone}`;
  const change = nextChange(hours, now);
  const until = change ? shown(change, hours.timeZone) : 'always';
  const emergency = valid(request, now).find((approval) => approval.emergency);
  if (isWithin(hours, now)) {
    return [{ code: 'within-windows', effect: 'allow', what: `${env} is open`, why, until, override: NOBODY }];
  }
  if (emergency) {
    return [
      {
        code: 'emergency',
        effect: 'allow',
        what: `the deployment windows of ${env} are overridden for ${subjectOf(request)}`,
        why: `emergency of ${emergency.approver}: ${emergency.emergency}`,
        until: emergency.expires,
        override: NOBODY,
      },
    ];
  }
  return [
    {
      code: 'outside-windows',
      effect: 'deny',
      what: `${env} is closed`,
      why,
      until,
      override: `a person: ${approveCommand(request)} --emergency "<reason>"`,
    },
  ];
}

function approvalOf(environment: EnvironmentControl, request: GateRequest, now: Date): Reason[] {
  const { environment: env, service } = request;
  const key = `environments.${env}`;
  const asked = [
    ...(environment.require_manual_approval ? [`${key}.require_manual_approval`] : []),
    ...(own(environment.services, service)?.require_approval ? [`${key}.services.${service}.require_approval`] : []),
  ];
  if (asked.length === 0) return [];
  const what = `${subjectOf(request)} for ${env}`;
  const why = `${asked.join(' and ')} ${asked.length > 1 ? 'are' : 'is'} true`;
  const approval = valid(request, now)[0];
  if (approval) {
    return [
      {
        code: 'approved',
        effect: 'allow',
        what: `${approval.approver} has approved ${what}`,
        why,
        until: approval.expires,
        override: NOBODY,
      },
    ];
  }
  const expired = request.approvals.find((one) => isFor(one, request));
  return [
    {
      code: 'not-approved',
      effect: 'needs-approval',
      what: `no approval for ${what}${expired ? `: the approval by ${expired.approver} expired on ${expired.expires}` : ''}`,
      why,
      until: 'a person has approved it',
      override: `a person: ${approveCommand(request)}`,
    },
  ];
}

function asleep({ environment: env, power }: GateRequest, now: Date): Reason[] {
  if (!power) return [];
  const hours: Hours = {
    timeZone: power.timeZone,
    spans: [{ days: DAYS, from: power.start, to: power.stop }],
  };
  if (isWithin(hours, now)) return [];
  return [
    {
      code: 'asleep',
      effect: 'deny',
      what: `the cluster of ${env} is asleep`,
      why: `its power schedule is ${power.start} to ${power.stop} ${power.timeZone}`,
      until: `${power.start} ${power.timeZone}`,
      override: NOBODY,
    },
  ];
}

function subjectOf({ service, version }: GateRequest): string {
  return version ? `${service} ${version}` : service;
}

function approveCommand({ platform, environment, service, version = '<tag>' }: GateRequest): string {
  return `npm run gate -- approve --platform ${platform} --env ${environment} --service ${service} --tag ${version}`;
}

/** The approvals that are valid for a request now. */
function valid(request: GateRequest, now: Date): Approval[] {
  return request.approvals.filter((one) => isFor(one, request) && Date.parse(one.expires) > now.getTime());
}

function isFor(approval: Approval, request: GateRequest): boolean {
  const keys = ['platform', 'environment', 'service', 'version'] as const;
  return keys.every((key) => approval[key] === request[key]);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
