import { isIP } from 'node:net';
import type { KubernetesObject } from '../../world';
import { isOf, kindOf } from './kind';
import { CLUSTER_ROLES, CONFIG_MAPS, ROLES, type Role, SECRETS, type Secret } from './objects';
import type { PodSpec } from './pod';
import { problemOfPod } from './pod-spec';

type Spec = Record<string, unknown>;

/** Objects before they were checked. */
const UNCHECKED_JOBS = kindOf<KubernetesObject<JobSpec>>('batch', 'Job');
const CRON_JOBS = kindOf<
  KubernetesObject<{ readonly schedule?: string; readonly jobTemplate?: { readonly spec?: JobSpec } }>
>('batch', 'CronJob');
const BUDGETS = kindOf<KubernetesObject<{ readonly minAvailable?: unknown; readonly maxUnavailable?: unknown }>>(
  'policy',
  'PodDisruptionBudget',
);
type Rules = readonly Readonly<Record<string, readonly { readonly ipBlock?: { readonly cidr: string } }[]>>[];
const NETWORK_POLICIES = kindOf<KubernetesObject<{ readonly ingress?: Rules; readonly egress?: Rules }>>(
  'networking.k8s.io',
  'NetworkPolicy',
);

/** The API server's message if an object of a smaller kind is invalid. */
export function problemIn(object: KubernetesObject): string | undefined {
  if (isOf(CONFIG_MAPS, object)) return problemOfKeys({ ...object.data, ...object.binaryData });
  if (isOf(SECRETS, object)) return problemOfSecret(object);
  if (isOf(UNCHECKED_JOBS, object)) return problemOfJob(object.spec, 'spec');
  if (isOf(CRON_JOBS, object)) {
    const { schedule, jobTemplate } = object.spec;
    return problemOfSchedule(schedule) ?? problemOfJob(jobTemplate?.spec, 'spec.jobTemplate.spec');
  }
  if (isOf(BUDGETS, object)) {
    const { minAvailable, maxUnavailable } = object.spec;
    return minAvailable !== undefined && maxUnavailable !== undefined
      ? 'spec: Invalid value: minAvailable and maxUnavailable cannot be both set'
      : undefined;
  }
  if (isOf(NETWORK_POLICIES, object)) {
    const { ingress = [], egress = [] } = object.spec;
    return problemOfPeers(ingress, 'ingress', 'from') ?? problemOfPeers(egress, 'egress', 'to');
  }
  return isOf(ROLES, object) || isOf(CLUSTER_ROLES, object) ? problemOfRules(object) : undefined;
}

/** Keys that a Secret of a type must have. Source: `ValidateSecret` of Kubernetes 1.34. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function problemOfSecret({ type = 'Opaque', data = {} }: Secret): string | undefined {
  const isBase64 = (text: string) => /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text);
  const missing = SECRET_KEYS[type]?.find((key) => !Object.hasOwn(data, key));
  const problem = problemOfKeys(data) ?? (missing && `data[${missing}]: Required value`);
  return problem ?? (Object.values(data).every(isBase64) ? undefined : 'illegal base64 data');
}

function problemOfSchedule(schedule: string | undefined): string | undefined {
  const fields = schedule?.trim().split(/\s+/) ?? [];
  if (!schedule) return 'spec.schedule: Required value';
  if (fields.length === 5 || schedule.startsWith('@')) return undefined;
  return `spec.schedule: Invalid value: "${schedule}": expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
}

function problemOfPeers(rules: Rules, side: string, way: string): string | undefined {
  for (const [index, rule] of rules.entries()) {
    const wrong = (rule[way] ?? []).findIndex(({ ipBlock }) => ipBlock && !isNetwork(ipBlock.cidr));
    if (wrong < 0) continue;
    const cidr = rule[way]?.[wrong]?.ipBlock?.cidr;
    return `spec.${side}[${index}].${way}[${wrong}].ipBlock.cidr: Invalid value: "${cidr}": must be a valid CIDR value`;
  }
  return undefined;
}

interface JobSpec {
  readonly template?: { readonly spec?: PodSpec };
}

/** A Job's pods end: the API has no default for how they are started again. */
function problemOfJob(spec: JobSpec | undefined, path: string): string | undefined {
  const pod = spec?.template?.spec;
  const at = `${path}.template.spec`;
  return pod && !pod.restartPolicy
    ? `${at}.restartPolicy: Required value: valid values: "OnFailure", "Never"`
    : problemOfPod(pod, at, [], ['OnFailure', 'Never']);
}

function problemOfKeys(data: Spec): string | undefined {
  const key = Object.keys(data).find((name) => !/^[-._a-zA-Z0-9]+$/.test(name));
  return (
    key &&
    `data[${key}]: Invalid value: "${key}": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`
  );
}

function problemOfRules({ rules = [] }: Role): string | undefined {
  const index = rules.findIndex(({ verbs }) => !verbs?.length);
  return index < 0 ? undefined : `rules[${index}].verbs: Required value: verbs must contain at least one value`;
}

function isNetwork(cidr: string): boolean {
  const [address = '', length = ''] = cidr.split('/');
  const version = isIP(address);
  return version > 0 && /^\d+$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
}
