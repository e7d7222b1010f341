import { same } from '../../json';
import type { KubernetesObject } from '../../world';
import { problemOfTypes, refusalOfFields, type Write } from '../schemas/refusal';
import { problemOfValues } from '../schemas/values';
import { ApiError, type ApiKind, type ClusterApi } from './api';
import { problemOfChoices } from './choices';
import { immutableChange } from './immutable';
import { isOf, kindOf } from './kind';
import { qualifiedKind, resourceName, splitApiVersion } from './kinds';
import { type LabelSelector, matchesSelector } from './labels';
import { problemOfLabel, problemOfLabelKey, problemOfName } from './names';
import { CLAIMS, type Claim, NAMESPACES, PODS, SERVICES, type Service } from './objects';
import type { Pod, PodTemplate } from './pod';
import { podSecurityViolation } from './pod-security';
import { problemOfChoice, problemOfPod } from './pod-spec';
import { refOf, refTo } from './reference';
import { kindSchemaOf } from './structural-schema';
import { problemIn } from './validation';

/** The object as the API takes it in: of a known kind, a namespace exactly where its kind has one, a generated name if asked. */
export function normalise<T extends KubernetesObject>(cluster: ClusterApi, object: T): T {
  const kind = knownKind(cluster, object);
  // Clients write null for what they do not set.
  const copy: T = JSON.parse(JSON.stringify(object, (_key, value) => value ?? undefined));
  copy.metadata ??= { name: '' };
  const { metadata } = copy;
  const generateName = metadata['generateName'];
  if (!metadata.name && typeof generateName === 'string')
    metadata.name = generateName + cluster.world.uuid().slice(0, 5);
  if (kind.namespaced) metadata.namespace ??= 'default';
  else delete metadata.namespace;
  return copy;
}

/**
 * Refuses by ApiError what the API server refuses, with its message.
 *
 * @param existing - undefined for a creation.
 * @param write - how the client writes, which the message about an unknown field depends on.
 */
export function admit(
  cluster: ClusterApi,
  object: KubernetesObject,
  existing: KubernetesObject | undefined,
  write: Write,
): void {
  const kind = knownKind(cluster, object);
  const schema = kindSchemaOf(cluster, object);
  const undeclared = schema && refusalOfFields(schema, object, write);
  if (undeclared) throw undeclared;
  const problem =
    problemOfMetadata(kind, object) ?? (existing ? immutableChange(cluster, existing, object) : undefined);
  if (problem) throw invalid(kind, object, problem);
  if (!existing) admitNamespace(cluster, kind, object);
  const custom = schema?.isCustom ? schema : undefined;
  const { status: _, ...written } = object;
  const wrong = custom
    ? (problemOfTypes(custom, object) ?? problemOfValues(custom, written))
    : (problemOfChoices(object) ?? checked(object, cluster));
  if (wrong) throw invalid(kind, object, wrong);
  if (isOf(PODS, object) && !existing) admitPod(cluster, object);
}

function knownKind(cluster: ClusterApi, object: KubernetesObject): ApiKind {
  const { group, version } = splitApiVersion(object.apiVersion ?? '');
  const kind = cluster.kind(group, object.kind);
  if (!kind?.versions.includes(version)) {
    throw new ApiError(404, 'NotFound', `no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
  }
  return kind;
}

function invalid(kind: ApiKind, object: KubernetesObject, problem: string): ApiError {
  return new ApiError(422, 'Invalid', `${qualifiedKind(kind)} "${object.metadata.name}" is invalid: ${problem}`);
}

function problemOfMetadata(kind: ApiKind, { metadata }: KubernetesObject): string | undefined {
  if (!metadata.name) return 'metadata.name: Required value: name or generateName is required';
  const problem = problemOfName(kind.group, kind.kind, metadata.name);
  if (problem) return `metadata.name: Invalid value: "${metadata.name}": ${problem}`;
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const wrongKey = problemOfLabelKey(key);
    if (wrongKey) return `metadata.labels: Invalid value: ${JSON.stringify(key)}: ${wrongKey}`;
    const wrong = problemOfLabel(value);
    if (wrong) return `metadata.labels: Invalid value: ${JSON.stringify(value)}: ${wrong}`;
  }
  const annotation = Object.entries(metadata.annotations ?? {}).find(([, value]) => typeof value !== 'string');
  return annotation && `metadata.annotations: Invalid value: ${annotation[0]}: must be a string`;
}

function admitNamespace(cluster: ClusterApi, kind: ApiKind, { metadata }: KubernetesObject): void {
  if (!metadata.namespace) return;
  const namespace = cluster.get(refTo(NAMESPACES, metadata.namespace));
  if (!namespace) throw new ApiError(404, 'NotFound', `namespaces "${metadata.namespace}" not found`);
  // Events tell of the end of a namespace; the real API refuses them too.
  if (namespace.metadata.deletionTimestamp) {
    throw new ApiError(
      403,
      'Forbidden',
      `${resourceName(kind)} "${metadata.name}" is forbidden: unable to create new content in namespace ${metadata.namespace} because it is being terminated`,
    );
  }
}

/** What only pods meet: Pod Security, their service account, their priority class. */
function admitPod(cluster: ClusterApi, { metadata, spec }: Pod): void {
  const { name, namespace = '' } = metadata;
  const forbidden = (why: string) => new ApiError(403, 'Forbidden', `pods "${name}" is forbidden: ${why}`);
  const labels = cluster.get(refTo(NAMESPACES, namespace))?.metadata.labels;
  const violation = podSecurityViolation(spec, labels);
  if (violation) throw forbidden(violation);
  const account = spec.serviceAccountName ?? 'default';
  if (!cluster.get({ group: '', kind: 'ServiceAccount', namespace, name: account })) {
    throw forbidden(`error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`);
  }
  const priority = spec.priorityClassName;
  if (
    priority &&
    !priority.startsWith('system-') &&
    !cluster.get({ group: 'scheduling.k8s.io', kind: 'PriorityClass', name: priority })
  ) {
    throw forbidden(`no PriorityClass with name ${priority} was found`);
  }
}

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** The API server's message if an object of its kind is invalid. */
function checked(object: KubernetesObject, cluster: ClusterApi): string | undefined {
  if (isOf(PODS, object)) return problemOfPod(object.spec, 'spec');
  if (isOf(SERVICES, object)) return checkService(object, cluster);
  if (isOf(CLAIMS, object)) return checkClaim(object);
  for (const workload of WORKLOADS) if (isOf(workload, object)) return checkWorkload(object);
  return problemIn(object);
}

function checkClaim({ spec }: Claim): string | undefined {
  if (!spec.accessModes?.length) return 'spec.accessModes: Required value: at least 1 access mode is required';
  return spec.resources?.requests?.storage ? undefined : 'spec.resources[storage]: Required value';
}

/** A workload before it was checked. */
type Workload = KubernetesObject<{
  readonly replicas?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
  readonly volumeClaimTemplates?: readonly KubernetesObject[];
}>;

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => kindOf<Workload>('apps', kind));

function checkWorkload({ spec }: Workload): string | undefined {
  if ((spec.replicas ?? 0) < 0) {
    return `spec.replicas: Invalid value: ${spec.replicas}: must be greater than or equal to 0`;
  }
  if (!spec.selector) return 'spec.selector: Required value';
  const labels = spec.template?.metadata?.labels;
  if (!matchesSelector(spec.selector, labels)) {
    return `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels ?? {})}: \`selector\` does not match template \`labels\``;
  }
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  return problemOfPod(spec.template?.spec, 'spec.template.spec', claims, ['Always']);
}

function checkService(object: Service, cluster: ClusterApi): string | undefined {
  const { spec } = object;
  const ports = spec.ports ?? [];
  const wrong = problemOfChoice(spec.type, SERVICE_TYPES, 'spec.type');
  if (wrong) return wrong;
  if (!ports.length && spec.type !== 'ExternalName' && spec.clusterIP !== 'None') {
    return 'spec.ports: Required value';
  }
  const others = cluster.list(SERVICES).filter((other) => !same(refOf(other), refOf(object)));
  const taken = others.flatMap((other) => other.spec.ports ?? []).map((port) => port.nodePort);
  for (const [index, { nodePort, name }] of ports.entries()) {
    if (ports.length > 1 && !name) return `spec.ports[${index}].name: Required value`;
    if (nodePort === undefined) continue;
    const at = `spec.ports[${index}].nodePort: Invalid value: ${nodePort}`;
    if (nodePort < 30000 || nodePort > 32767) {
      return `${at}: provided port is not in the valid range. The range of valid ports is 30000-32767`;
    }
    if (taken.includes(nodePort)) return `${at}: provided port is already allocated`;
  }
  return undefined;
}
