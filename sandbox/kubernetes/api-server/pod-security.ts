import type { Labels } from './labels';
import type { Container, PodSpec, SecurityContext } from './pod';

/** Capabilities that `baseline` lets a container add. Source: Kubernetes, Pod Security Standards. */
const BASELINE_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];
/** Volume types that `restricted` admits. Source: Kubernetes, Pod Security Standards. */
const RESTRICTED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/**
 * The message of Pod Security if it refuses a pod: `violates PodSecurity "restricted:latest": ...`.
 *
 * @param labels - of the pod's namespace; without an `enforce` label everything passes.
 */
export function podSecurityViolation(spec: PodSpec, labels: Labels): string | undefined {
  const level = labels?.['pod-security.kubernetes.io/enforce'];
  if (level !== 'restricted' && level !== 'baseline') return undefined;
  const found = level === 'restricted' ? [...both(spec), ...restricted(spec)] : [...both(spec), ...baseline(spec)];
  const version = labels?.['pod-security.kubernetes.io/enforce-version'] ?? 'latest';
  return found.length ? `violates PodSecurity "${level}:${version}": ${found.join(', ')}` : undefined;
}

/** What both levels forbid. */
function both(spec: PodSpec): string[] {
  const namespaces = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  const privileged = containersWith(spec, (own) => own?.privileged);
  // On the node's network a port of a container is one of the node's.
  const portsOf = ({ ports }: Container) =>
    (ports ?? []).flatMap(({ hostPort, containerPort }) => hostPort ?? (spec.hostNetwork && containerPort) ?? []);
  const onNode = containersOf(spec).filter((container) => portsOf(container).some(Boolean));
  const ports = [...new Set(onNode.flatMap(portsOf))].map(String).sort();
  const using = `${onNode.length > 1 ? 'use' : 'uses'} hostPort${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`;
  const names = onNode.map(({ name }) => name);
  return [
    ...(namespaces.length ? [`host namespaces (${namespaces.map((name) => `${name}=true`).join(', ')})`] : []),
    ...(privileged ? [`privileged (${privileged} must not set securityContext.privileged=true)`] : []),
    ...(names.length ? [`hostPort (${quote('container', names)} ${using})`] : []),
  ];
}

/** What is forbidden at `baseline` only, since `restricted` has a stricter rule for it. */
function baseline(spec: PodSpec): string[] {
  const hostPaths = (spec.volumes ?? []).filter((volume) => volume['hostPath']).map(({ name }) => name);
  const added = additions(spec, BASELINE_CAPABILITIES);
  const unconfined = containersWith(
    spec,
    (own) => (own?.seccompProfile ?? spec.securityContext?.seccompProfile)?.type === 'Unconfined',
  );
  return [
    ...(added ? [`non-default capabilities (${added})`] : []),
    ...(hostPaths.length ? [`hostPath volumes (${quote('volume', hostPaths)})`] : []),
    ...(unconfined
      ? [`seccompProfile (${unconfined} must not set securityContext.seccompProfile.type to "Unconfined")`]
      : []),
  ];
}

function restricted(spec: PodSpec): string[] {
  const pod = spec.securityContext;
  const volumes = (spec.volumes ?? []).flatMap((volume) => {
    const type = Object.keys(volume).find((key) => key !== 'name');
    return type && !RESTRICTED_VOLUMES.includes(type) ? [{ name: volume.name, type }] : [];
  });
  const escalates = containersWith(spec, (own) => own?.allowPrivilegeEscalation !== false);
  const keeps = containersWith(spec, (own) => !own?.capabilities?.drop?.includes('ALL'));
  const capabilities = [
    keeps && `${keeps} must set securityContext.capabilities.drop=["ALL"]`,
    additions(spec, ['NET_BIND_SERVICE']),
  ].filter(Boolean);
  const asRoot = [
    ...(pod?.runAsNonRoot === false ? ['pod'] : []),
    containersWith(spec, (own) => own?.runAsNonRoot === false),
  ].filter(Boolean);
  const mayBeRoot = containersWith(spec, (own) => own?.runAsNonRoot === undefined && !pod?.runAsNonRoot);
  const userZero = [
    ...(pod?.runAsUser === 0 ? ['pod'] : []),
    containersWith(spec, (own) => own?.runAsUser === 0),
  ].filter(Boolean);
  const profile = containersWith(spec, (own) => {
    const type = (own?.seccompProfile ?? pod?.seccompProfile)?.type;
    return type !== 'RuntimeDefault' && type !== 'Localhost';
  });
  const notRoot = asRoot.length
    ? `${asRoot.join(' and ')} must not set securityContext.runAsNonRoot=false`
    : mayBeRoot && `pod or ${mayBeRoot} must set securityContext.runAsNonRoot=true`;
  return [
    ...(escalates
      ? [`allowPrivilegeEscalation != false (${escalates} must set securityContext.allowPrivilegeEscalation=false)`]
      : []),
    ...(capabilities.length ? [`unrestricted capabilities (${capabilities.join('; ')})`] : []),
    ...(volumes.length ? [`restricted volume types (${restrictedVolumes(volumes)})`] : []),
    ...(notRoot ? [`runAsNonRoot != true (${notRoot})`] : []),
    ...(userZero.length ? [`runAsUser=0 (${userZero.join(' and ')} must not set runAsUser=0)`] : []),
    ...(profile
      ? [
          `seccompProfile (pod or ${profile} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
        ]
      : []),
  ];
}

function restrictedVolumes(volumes: readonly { readonly name: string; readonly type: string }[]): string {
  const types = [...new Set(volumes.map(({ type }) => type))].sort();
  const names = volumes.map(({ name }) => name);
  return `${quote('volume', names)} ${names.length > 1 ? 'use' : 'uses'} ${quote('restricted volume type', types)}`;
}

/** Which containers add which capabilities beyond those, or nothing. */
function additions(spec: PodSpec, allowed: readonly string[]): string | undefined {
  const tooMany = (own: SecurityContext | undefined) =>
    (own?.capabilities?.add ?? []).filter((name) => !allowed.includes(name));
  const names = [...new Set(containersOf(spec).flatMap(({ securityContext }) => tooMany(securityContext)))].sort();
  const adds = containersWith(spec, (own) => tooMany(own).length);
  const quoted = names.map((name) => `"${name}"`).join(', ');
  return adds && `${adds} must not include ${quoted} in securityContext.capabilities.add`;
}

function containersOf(spec: PodSpec) {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** `container "a"` or `containers "a", "b"`, or nothing when no container is like that. */
function containersWith(spec: PodSpec, isSo: (own: SecurityContext | undefined) => unknown): string | undefined {
  const names = containersOf(spec)
    .filter((container) => isSo(container.securityContext))
    .map(({ name }) => name);
  return names.length ? quote('container', names) : undefined;
}

function quote(noun: string, names: readonly string[]): string {
  return `${noun}${names.length > 1 ? 's' : ''} ${names.map((name) => `"${name}"`).join(', ')}`;
}
