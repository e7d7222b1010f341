import type { Json } from '../json';
import { containersOf, podsOf } from './pods';
import type { Check, Problem } from './problem';

/**
 * Namespaces that cannot be restricted, with the reason.
 */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'local-path-storage': 'its helper pods write to folders of the node',
  'arc-runners': 'Docker-in-Docker is a privileged container',
};

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** Namespaces enforce the restricted profile of the Pod Security Standards, and pods pass it with a read-only root. */
export const podSecurity: Check = (objects) => [...namespaces(objects), ...pods(objects), ...containers(objects)];

function namespaces(objects: readonly Json[]): Problem[] {
  const known = objects.filter(({ kind }) => kind === 'Namespace');
  const lax = known
    .filter(({ metadata }) => !(metadata.name in EXCEPTIONS) && metadata.labels?.[ENFORCE] !== 'restricted')
    .map((object) => ({
      object,
      path: `metadata.labels["${ENFORCE}"]`,
      wrong: `got ${JSON.stringify(object.metadata.labels?.[ENFORCE])}`,
      fix: `set it to "restricted"; the only exceptions are ${Object.keys(EXCEPTIONS).join(' and ')}`,
    }));
  const homeless = podsOf(objects)
    .filter(({ namespace }) => !known.some(({ metadata }) => metadata.name === namespace))
    .map(({ object, namespace }) => ({
      object,
      path: 'metadata.namespace',
      wrong: `namespace "${namespace}" is not in Git`,
      fix: 'add component `namespace`, which restricts it and denies traffic by default',
    }));
  return [...lax, ...homeless];
}

function pods(objects: readonly Json[]): Problem[] {
  return restricted(objects).flatMap((pod) => {
    const { object, spec, path } = pod;
    const problems: Problem[] = [];
    const refuse = (key: string, wrong: string, fix: string) =>
      problems.push({ object, path: `${path}.${key}`, wrong, fix });
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) {
      if (spec[key]) refuse(key, 'got true', 'remove it: pods must not share namespaces with the node');
    }
    const { securityContext = {} } = spec;
    if (securityContext.runAsNonRoot !== true)
      refuse('securityContext.runAsNonRoot', `got ${securityContext.runAsNonRoot}`, 'set it to true');
    if (!securityContext.runAsUser)
      refuse('securityContext.runAsUser', `got ${securityContext.runAsUser}`, 'set a numeric user other than 0');
    if (!['RuntimeDefault', 'Localhost'].includes(securityContext.seccompProfile?.type))
      refuse(
        'securityContext.seccompProfile.type',
        `got ${securityContext.seccompProfile?.type}`,
        'set it to RuntimeDefault',
      );
    for (const { name, ...source } of spec.volumes ?? []) {
      const [type = 'none'] = Object.keys(source);
      if (!VOLUMES.includes(type)) refuse(`volumes[${name}]`, `got type ${type}`, `use one of ${VOLUMES.join(', ')}`);
    }
    return problems;
  });
}

function containers(objects: readonly Json[]): Problem[] {
  return restricted(objects).flatMap((pod) =>
    containersOf(pod).flatMap(({ container, path }) => {
      const { securityContext = {}, ports = [] } = container;
      const {
        capabilities = {},
        privileged,
        allowPrivilegeEscalation,
        readOnlyRootFilesystem,
        runAsUser,
      } = securityContext;
      const problems: Problem[] = [];
      const refuse = (key: string, wrong: unknown, fix: string) =>
        problems.push({ object: pod.object, path: `${path}.${key}`, wrong: `got ${JSON.stringify(wrong)}`, fix });
      if (privileged) refuse('securityContext.privileged', privileged, 'remove it');
      if (runAsUser === 0) refuse('securityContext.runAsUser', runAsUser, 'remove it: the pod sets the user');
      if (allowPrivilegeEscalation !== false)
        refuse('securityContext.allowPrivilegeEscalation', allowPrivilegeEscalation, 'set it to false');
      if (readOnlyRootFilesystem !== true)
        refuse(
          'securityContext.readOnlyRootFilesystem',
          readOnlyRootFilesystem,
          'set it to true, and mount an emptyDir where it writes',
        );
      if (!capabilities.drop?.includes('ALL'))
        refuse('securityContext.capabilities.drop', capabilities.drop, 'drop [ALL]');
      const added = (capabilities.add ?? []).filter((one: string) => one !== 'NET_BIND_SERVICE');
      if (added.length) refuse('securityContext.capabilities.add', added, 'add only NET_BIND_SERVICE');
      for (const { hostPort, name } of ports) {
        if (hostPort) refuse(`ports[${name}].hostPort`, hostPort, 'remove it: use a Service to reach the pod');
      }
      return problems;
    }),
  );
}

function restricted(objects: readonly Json[]) {
  return podsOf(objects).filter(({ namespace }) => !(namespace in EXCEPTIONS));
}
