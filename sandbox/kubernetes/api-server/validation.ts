import { isIP } from 'node:net';
import type { KubernetesObject } from '../../world';
import type { PodSpec } from './pod';
import { problemOfPod } from './pod-spec';

type Check = (object: KubernetesObject) => string | undefined;
type Spec = Record<string, unknown>;

/** What the API server says of the smaller kinds, in its words. */
export const VALIDATION: Readonly<Record<string, Check>> = {
  ConfigMap: (object) => problemOfKeys({ ...(object['data'] as Spec), ...(object['binaryData'] as Spec) }),
  Secret(object) {
    const data = (object['data'] ?? {}) as Record<string, string>;
    const isBase64 = (text: string) => /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text);
    return problemOfKeys(data) ?? (Object.values(data).every(isBase64) ? undefined : 'illegal base64 data');
  },
  CronJob(object) {
    const { schedule, jobTemplate } = object['spec'] as { schedule?: string; jobTemplate?: { spec?: JobSpec } };
    const fields = schedule?.trim().split(/\s+/) ?? [];
    if (!schedule) return 'spec.schedule: Required value';
    if (fields.length !== 5 && !schedule.startsWith('@')) {
      return `spec.schedule: Invalid value: "${schedule}": expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
    }
    return problemOfJob(jobTemplate?.spec, 'spec.jobTemplate.spec');
  },
  Job: (object) => problemOfJob(object['spec'] as JobSpec, 'spec'),
  PodDisruptionBudget(object) {
    const { minAvailable, maxUnavailable } = object['spec'] as Spec;
    return minAvailable !== undefined && maxUnavailable !== undefined
      ? 'spec: Invalid value: minAvailable and maxUnavailable cannot be both set'
      : undefined;
  },
  NetworkPolicy(object) {
    for (const [side, way] of [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const) {
      const rules = ((object['spec'] as Spec)[side] ?? []) as Record<string, { ipBlock?: { cidr: string } }[]>[];
      for (const [index, rule] of rules.entries()) {
        const wrong = (rule[way] ?? []).findIndex(({ ipBlock }) => ipBlock && !isNetwork(ipBlock.cidr));
        if (wrong < 0) continue;
        const cidr = rule[way]?.[wrong]?.ipBlock?.cidr;
        return `spec.${side}[${index}].${way}[${wrong}].ipBlock.cidr: Invalid value: "${cidr}": must be a valid CIDR value`;
      }
    }
    return undefined;
  },
  Role: problemOfRules,
  ClusterRole: problemOfRules,
};

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

function problemOfRules(object: KubernetesObject): string | undefined {
  const rules = (object['rules'] ?? []) as { verbs?: string[] }[];
  const index = rules.findIndex(({ verbs }) => !verbs?.length);
  return index < 0 ? undefined : `rules[${index}].verbs: Required value: verbs must contain at least one value`;
}

function isNetwork(cidr: string): boolean {
  const [address = '', length = ''] = cidr.split('/');
  const version = isIP(address);
  return version > 0 && /^\d+$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
}
