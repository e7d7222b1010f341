import type { Json } from '../json';
import { containersOf, podsOf } from './pods';
import type { Check, Problem } from './problem';

/** Every container that serves has readiness and liveness probes, which use one of its ports. */
export const probes: Check = (objects) =>
  podsOf(objects)
    .filter(({ serves }) => serves)
    .flatMap((pod) =>
      containersOf(pod).flatMap(({ container, path }) =>
        ['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap((key): Problem[] => {
          const probe = container[key];
          const refuse = (wrong: string, fix: string) => [{ object: pod.object, path: `${path}.${key}`, wrong, fix }];
          if (!probe) {
            const isNeeded = key !== 'startupProbe';
            return isNeeded
              ? refuse('missing', 'add one: Kubernetes needs it to route traffic and to restart the container')
              : [];
          }
          const port = (probe.httpGet ?? probe.tcpSocket)?.port;
          if (port === undefined || hasPort(container, port)) return [];
          return refuse(`the container has no port ${JSON.stringify(port)}`, `use one of ${portsOf(container)}`);
        }),
      ),
    );

/** Every container has CPU and memory requests and a memory limit. */
export const resources: Check = (objects) =>
  podsOf(objects).flatMap((pod) =>
    containersOf(pod).flatMap(({ container, path }) =>
      ['requests.cpu', 'requests.memory', 'limits.memory'].flatMap((key): Problem[] => {
        const [group = '', name = ''] = key.split('.');
        if (container.resources?.[group]?.[name]) return [];
        return [
          {
            object: pod.object,
            path: `${path}.resources.${key}`,
            wrong: 'missing',
            fix: 'set it in the resources patch of the overlay',
          },
        ];
      }),
    ),
  );

/** No pod mounts a token of its service account: none of them uses the API server. */
export const tokens: Check = (objects) =>
  podsOf(objects)
    .filter(({ spec }) => spec.automountServiceAccountToken !== false)
    .map(({ object, spec, path }) => ({
      object,
      path: `${path}.automountServiceAccountToken`,
      wrong: `got ${spec.automountServiceAccountToken}`,
      fix: 'set it to false',
    }));

/** Workloads with a disruption budget have more than one replica. */
export const budgets: Check = (objects) =>
  objects
    .filter(({ kind }) => kind === 'PodDisruptionBudget')
    .flatMap((object): Problem[] => {
      const name =
        object.spec.selector.matchLabels?.app ?? object.spec.selector.matchLabels?.['app.kubernetes.io/name'];
      const workload = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
      if (!workload) {
        return [{ object, path: 'spec.selector', wrong: `selects no Deployment, got "${name}"`, fix: 'select one' }];
      }
      if (workload.spec.replicas > 1) return [];
      const wrong = `Deployment "${name}" has ${workload.spec.replicas} replica`;
      return [
        { object, path: 'spec', wrong, fix: 'set two replicas, or remove the budget, which would block every drain' },
      ];
    });

/** Whether a container has a port of that name or number. */
export function hasPort({ ports = [] }: Json, port: string | number): boolean {
  return ports.some(({ name, containerPort }: Json) => port === name || port === containerPort);
}

function portsOf({ ports = [] }: Json): string {
  return (
    ports.map(({ name, containerPort }: Json) => `${name} (${containerPort})`).join(', ') ||
    'no port: the container has none'
  );
}
