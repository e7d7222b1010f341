import { equal, isObject, isUnknown, type Value, type Values } from '../../protocol/values';

/** JSON as the Kubernetes API has it. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Blocks that repeat, under the name of the list that they become. Other blocks become one object. */
const REPEATED: Readonly<Record<string, string>> = {
  cluster_role_selectors: 'clusterRoleSelectors',
  container: 'containers',
  egress: 'egress',
  env: 'env',
  env_from: 'envFrom',
  host_aliases: 'hostAliases',
  http_header: 'httpHeaders',
  image_pull_secret: 'imagePullSecrets',
  image_pull_secrets: 'imagePullSecrets',
  ingress: 'ingress',
  init_container: 'initContainers',
  items: 'items',
  match_expressions: 'matchExpressions',
  match_fields: 'matchFields',
  match_label_expressions: 'matchLabelExpressions',
  node_selector_term: 'nodeSelectorTerms',
  option: 'options',
  port: 'ports',
  preferred_during_scheduling_ignored_during_execution: 'preferredDuringSchedulingIgnoredDuringExecution',
  readiness_gate: 'readinessGates',
  rule: 'rules',
  sources: 'sources',
  subject: 'subjects',
  toleration: 'tolerations',
  topology_spread_constraint: 'topologySpreadConstraints',
  volume: 'volumes',
  volume_claim_template: 'volumeClaimTemplates',
  volume_device: 'volumeDevices',
  volume_mount: 'volumeMounts',
};

/** Repeated blocks only in these places: elsewhere the same name is one object. */
const REPEATED_IN: Readonly<Record<string, string>> = {
  'http.path': 'paths',
  'spec.limit': 'limits',
  'spec.metric': 'metrics',
  'spec.tls': 'tls',
  'egress.ports': 'ports',
  'egress.to': 'to',
  'ingress.from': 'from',
  'ingress.ports': 'ports',
  'pod_affinity.required_during_scheduling_ignored_during_execution': 'requiredDuringSchedulingIgnoredDuringExecution',
  'pod_anti_affinity.required_during_scheduling_ignored_during_execution':
    'requiredDuringSchedulingIgnoredDuringExecution',
};

/** Names whose camel case is not the usual one. */
const IRREGULAR: Readonly<Record<string, string>> = {
  cluster_ip: 'clusterIP',
  cluster_ips: 'clusterIPs',
  external_ips: 'externalIPs',
  host_ip: 'hostIP',
  host_ipc: 'hostIPC',
  host_pid: 'hostPID',
  client_ip: 'clientIP',
  load_balancer_ip: 'loadBalancerIP',
  non_resource_urls: 'nonResourceURLs',
  pod_cidr: 'podCIDR',
};

/** Attributes that are text in Terraform, and numbers in Kubernetes when they have the form of one. */
const NUMBERS = [
  'fs_group',
  'max_surge',
  'max_unavailable',
  'port',
  'replicas',
  'run_as_group',
  'run_as_user',
  'target_port',
  'toleration_seconds',
];
/** File modes: octal text in Terraform. */
const MODES = ['default_mode', 'mode'];

/** A block of Terraform's as the object that Kubernetes has for it; what is not set is left out. */
export function toObject(block: Values, parent = ''): { [key: string]: Json } {
  return Object.fromEntries(
    Object.entries(block).flatMap(([name, value]) => {
      const json = toJson(name, value, parent);
      return json === undefined ? [] : [[keyOf(name, parent), json]];
    }),
  );
}

/**
 * What Kubernetes has of a block, in the block's own shape: what the configuration does not set stays unset, so that
 * defaults of the API server are no drift; what it sets shows as it is now.
 */
export function overlay(block: Values, object: unknown, parent = ''): Values {
  const now = (typeof object === 'object' && object !== null ? object : {}) as { [key: string]: Json };
  return Object.fromEntries(
    Object.entries(block).map(([name, value]) => [name, overlaid(name, value, now[keyOf(name, parent)], parent)]),
  );
}

/** The only block of its name, or an empty one. */
export function only(values: Values, name: string): Values {
  const value = values[name];
  const block = Array.isArray(value) ? value[0] : value;
  return isObject(block) ? block : {};
}

/** Text of an attribute, or '' when it is not known or not set. */
export function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === 'string' ? value : '';
}

function overlaid(name: string, value: Value, now: Json | undefined, parent: string): Value {
  if (isUnknown(value)) return now === undefined ? null : fromJson(name, now);
  if (value === null) return null;
  if (isRepeatedBlock(value)) {
    const list = (isRepeated(name, parent) ? now : now === undefined || now === null ? [] : [now]) as
      | Json[]
      | undefined;
    const known = value.slice(0, list?.length ?? 0).map((block, index) => overlay(block, list?.[index], name));
    return [...known, ...(list ?? []).slice(value.length).map((extra) => fromJson(name, extra))];
  }
  if (isObject(value)) return overlaidMap(value, now);
  // No blocks: what is there is a default of the API server.
  if (isEmpty(value) && typeof now === 'object' && !isListOfPlain(now)) return value;
  if (now === undefined) return isEmpty(value) ? value : null;
  const before = toJson(name, value, parent) ?? null;
  return equal(before as Value, now as Value) ? value : fromJson(name, now);
}

/** Keys that others add, such as annotations of controllers, are not ours; ours show as they are. */
function overlaidMap(value: Values, now: Json | undefined): Values {
  const current = (now ?? {}) as { [key: string]: Json };
  return Object.fromEntries(Object.keys(value).flatMap((key) => (key in current ? [[key, String(current[key])]] : [])));
}

function toJson(name: string, value: Value, parent: string): Json | undefined {
  if (value === null || isUnknown(value) || isEmpty(value)) return undefined;
  if (isRepeatedBlock(value)) {
    const blocks = value.map((block) => toObject(block, name));
    return isRepeated(name, parent) ? blocks : blocks[0];
  }
  if (Array.isArray(value)) return value as Json[];
  // A map: its keys are the user's own.
  if (isObject(value)) return value as { [key: string]: Json };
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && NUMBERS.includes(name) && /^\d+$/.test(value)) return Number(value);
  if (typeof value === 'string' && MODES.includes(name)) return Number.parseInt(value, 8);
  return value as Json;
}

/** Something of Kubernetes' that no block of ours asked for, as Terraform would show it. */
function fromJson(name: string, json: Json): Value {
  if (Array.isArray(json)) return json.map((element) => fromJson(name, element));
  if (typeof json === 'object' && json !== null) {
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [snake(key), fromJson(snake(key), value)]));
  }
  if (typeof json === 'number' && MODES.includes(name)) return `0${json.toString(8)}`;
  if (typeof json === 'number' && NUMBERS.includes(name)) return String(json);
  return json;
}

function isRepeatedBlock(value: Value): value is Values[] {
  return Array.isArray(value) && value.length > 0 && value.every((element) => isObject(element));
}

function isListOfPlain(json: Json): boolean {
  return Array.isArray(json) && json.every((element) => typeof element !== 'object');
}

function isEmpty(value: Value): boolean {
  return (Array.isArray(value) && value.length === 0) || value === '';
}

function isRepeated(name: string, parent: string): boolean {
  // A probe's and a hook's port is one number; a Service's and a container's ports are blocks.
  if (name === 'port') return PORT_OWNERS.includes(parent);
  return name in REPEATED || `${parent}.${name}` in REPEATED_IN;
}

function keyOf(name: string, parent: string): string {
  if (name === 'port' && PORT_OWNERS.includes(parent)) return 'ports';
  if (name !== 'port' && name in REPEATED) return REPEATED[name] ?? name;
  return (
    REPEATED_IN[`${parent}.${name}`] ??
    IRREGULAR[name] ??
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  );
}

/** Blocks whose `port` are nested blocks. */
const PORT_OWNERS = ['container', 'init_container', 'spec', 'ingress', 'egress'];

function snake(name: string): string {
  const irregular = Object.entries({ ...IRREGULAR, ...REPEATED }).find(([, camel]) => camel === name)?.[0];
  return irregular ?? name.replace(/[A-Z]+/g, (letters) => `_${letters.toLowerCase()}`);
}
