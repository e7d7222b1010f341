import type { Labels } from './labels';
import type { PodSpec, SecurityContext } from './pod';

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
 * What Pod Security refuses about a pod, in its words: `violates PodSecurity "restricted:latest": ...`.
 *
 * @param labels - of the pod's namespace; without an `enforce` label everything passes.
 */
export function podSecurityViolation(spec: PodSpec, labels: Labels): string | undefined {
  const level = labels?.['pod-security.kubernetes.io/enforce'];
  if (level !== 'restricted' && level !== 'baseline') return undefined;
  const found = [...baseline(spec), ...(level === 'restricted' ? restricted(spec) : [])];
  const version = labels?.['pod-security.kubernetes.io/enforce-version'] ?? 'latest';
  return found.length ? `violates PodSecurity "${level}:${version}": ${found.join(', ')}` : undefined;
}

function baseline(spec: PodSpec): string[] {
  const namespaces = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  const hostPaths = (spec.volumes ?? []).filter((volume) => volume['hostPath']).map(({ name }) => name);
  const ports = containersOf(spec).filter((c) => c.ports?.some((port) => port.hostPort));
  const added = containersWith(spec, (own) =>
    own?.capabilities?.add?.some((name) => !BASELINE_CAPABILITIES.includes(name)),
  );
  const privileged = containersWith(spec, (own) => own?.privileged);
  const unconfined = containersWith(
    spec,
    (own) => (own?.seccompProfile ?? spec.securityContext?.seccompProfile)?.type === 'Unconfined',
  );
  return [
    ...(namespaces.length ? [`host namespaces (${namespaces.map((name) => `${name}=true`).join(', ')})`] : []),
    ...(privileged ? [`privileged (${privileged} must not set securityContext.privileged=true)`] : []),
    ...(added
      ? [`non-default capabilities (${added} must not include other capabilities in securityContext.capabilities.add)`]
      : []),
    ...(hostPaths.length ? [`hostPath volumes (${quote('volume', hostPaths)})`] : []),
    ...(ports.length
      ? [
          `hostPort (${quote(
            'container',
            ports.map(({ name }) => name),
          )} uses hostPort)`,
        ]
      : []),
    ...(unconfined
      ? [`seccompProfile (${unconfined} must not set securityContext.seccompProfile.type to "Unconfined")`]
      : []),
  ];
}

function restricted(spec: PodSpec): string[] {
  const pod = spec.securityContext;
  const volumes = (spec.volumes ?? []).filter((volume) => {
    const type = Object.keys(volume).find((key) => key !== 'name');
    return type && !RESTRICTED_VOLUMES.includes(type) && type !== 'hostPath';
  });
  const escalates = containersWith(spec, (own) => own?.allowPrivilegeEscalation !== false);
  const keeps = containersWith(spec, (own) => !own?.capabilities?.drop?.includes('ALL'));
  const adds = containersWith(spec, (own) => own?.capabilities?.add?.some((name) => name !== 'NET_BIND_SERVICE'));
  const root = containersWith(spec, (own) => (own?.runAsNonRoot ?? pod?.runAsNonRoot) !== true);
  const userZero = containersWith(spec, (own) => (own?.runAsUser ?? pod?.runAsUser) === 0);
  const profile = containersWith(spec, (own) => {
    const type = (own?.seccompProfile ?? pod?.seccompProfile)?.type;
    return type !== 'RuntimeDefault' && type !== 'Localhost';
  });
  return [
    ...(escalates
      ? [`allowPrivilegeEscalation != false (${escalates} must set securityContext.allowPrivilegeEscalation=false)`]
      : []),
    ...(keeps ? [`unrestricted capabilities (${keeps} must set securityContext.capabilities.drop=["ALL"])`] : []),
    ...(adds
      ? [`unrestricted capabilities (${adds} must not include other capabilities in securityContext.capabilities.add)`]
      : []),
    ...(volumes.length
      ? [
          `restricted volume types (${quote(
            'volume',
            volumes.map(({ name }) => name),
          )})`,
        ]
      : []),
    ...(root ? [`runAsNonRoot != true (pod or ${root} must set securityContext.runAsNonRoot=true)`] : []),
    ...(userZero ? [`runAsUser=0 (pod or ${userZero} must not set runAsUser=0)`] : []),
    ...(profile
      ? [
          `seccompProfile (pod or ${profile} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
        ]
      : []),
  ];
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
