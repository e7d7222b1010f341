import { problemOfDnsLabel } from './names';
import type { Container, PodSpec } from './pod';
import { parseQuantity } from './quantity';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const HANDLERS = ['exec', 'grpc', 'httpGet', 'tcpSocket'];

/**
 * The API server's message if a pod, or a workload's template of one, is invalid.
 *
 * @param path - of the spec in its object, such as `spec.template.spec`.
 * @param claims - names of volumes that come with each pod and are not in its template.
 * @param restarts - restart policies that the object may have.
 */
export function problemOfPod(
  spec: PodSpec | undefined,
  path: string,
  claims: readonly string[] = [],
  restarts: readonly string[] = RESTART_POLICIES,
): string | undefined {
  if (!spec?.containers?.length) return `${path}.containers: Required value`;
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  const restart = spec.restartPolicy ?? 'Always';
  return (
    problemOfDuplicate(volumes, `${path}.volumes`) ??
    problemOfList(spec.initContainers ?? [], `${path}.initContainers`, [...volumes, ...claims]) ??
    problemOfList(spec.containers, `${path}.containers`, [...volumes, ...claims]) ??
    problemOfChoice(restart, restarts, `${path}.restartPolicy`)
  );
}

/** The API server's message if a value is not one of those allowed. */
export function problemOfChoice(value: unknown, allowed: readonly string[], path: string): string | undefined {
  if (value === undefined || allowed.includes(String(value))) return undefined;
  const quoted = allowed.toSorted().map((one) => `"${one}"`);
  return `${path}: Unsupported value: "${value}": supported values: ${quoted.join(', ')}`;
}

function problemOfDuplicate(names: readonly string[], path: string): string | undefined {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `${path}: duplicate entries for key [name="${twice}"]`;
}

function problemOfList(containers: readonly Container[], path: string, volumes: readonly string[]): string | undefined {
  const names = containers.map(({ name }) => name);
  return (
    problemOfDuplicate(names.filter(Boolean), path) ??
    first(containers, path, (container, at) => problemOfContainer(container, at, volumes))
  );
}

function problemOfContainer(container: Container, path: string, volumes: readonly string[]): string | undefined {
  const { name, image, imagePullPolicy, ports, env, volumeMounts, securityContext } = container;
  if (!name) return `${path}.name: Required value`;
  const wrongName = problemOfDnsLabel(name);
  if (wrongName) return `${path}.name: Invalid value: "${name}": ${wrongName}`;
  if (!image) return `${path}.image: Required value`;
  if (securityContext?.privileged && securityContext.allowPrivilegeEscalation === false) {
    return `${path}.securityContext: Invalid value: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`;
  }
  return (
    first(ports, `${path}.ports`, problemOfPort) ??
    first(env, `${path}.env`, (variable, at) => (variable.name ? undefined : `${at}.name: Required value`)) ??
    first(volumeMounts, `${path}.volumeMounts`, (mount, at) =>
      volumes.includes(mount.name) ? undefined : `${at}.name: Not found: "${mount.name}"`,
    ) ??
    problemOfProbes(container, path) ??
    problemOfChoice(imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`) ??
    problemOfResources(container, path)
  );
}

function problemOfPort({ containerPort, name, protocol }: NonNullable<Container['ports']>[number], path: string) {
  if (!Number(containerPort)) return `${path}.containerPort: Required value`;
  if (Number(containerPort) < 1 || Number(containerPort) > 65535) {
    return `${path}.containerPort: Invalid value: ${containerPort}: must be between 1 and 65535, inclusive`;
  }
  if (!name || name.length <= 15) return problemOfChoice(protocol, PROTOCOLS, `${path}.protocol`);
  return `${path}.name: Invalid value: "${name}": must be no more than 15 characters`;
}

function problemOfProbes(container: Container, path: string): string | undefined {
  const handled = (probe: object) => HANDLERS.some((handler) => handler in probe);
  const empty = PROBES.find((name) => container[name] && !handled(container[name]));
  return empty && `${path}.${empty}: Required value: must specify a handler type`;
}

function problemOfResources({ resources = {} }: Container, path: string): string | undefined {
  const { requests = {}, limits = {} } = resources;
  const none = [...Object.values(requests), ...Object.values(limits)].find((one) => Number.isNaN(parseQuantity(one)));
  if (none !== undefined) {
    return `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`;
  }
  for (const [kind, amounts] of Object.entries({ requests, limits })) {
    const [name, amount] = Object.entries(amounts).find(([, one]) => parseQuantity(one) < 0) ?? [];
    if (name)
      return `${path}.resources.${kind}[${name}]: Invalid value: "${amount}": must be greater than or equal to 0`;
  }
  const above = Object.keys(requests).find((name) => parseQuantity(requests[name]) > parseQuantity(limits[name]));
  return (
    above &&
    `${path}.resources.requests: Invalid value: "${requests[above]}": must be less than or equal to ${above} limit of ${limits[above]}`
  );
}

function first<T>(
  list: readonly T[] | undefined,
  path: string,
  problem: (one: T, path: string) => string | undefined,
): string | undefined {
  for (const [index, one] of (list ?? []).entries()) {
    const wrong = problem(one, `${path}[${index}]`);
    if (wrong) return wrong;
  }
  return undefined;
}
