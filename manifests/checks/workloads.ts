import type { Json } from '../json';
import { containersOf, podsOf } from './pods';
import type { Check, Problem } from './problem';

/** Every container that serves says when it is ready and alive, and its probes ask a port that it has. */
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
              ? refuse('it is missing', 'add one, or Kubernetes cannot tell when to send visitors or restart')
              : [];
          }
          const port = (probe.httpGet ?? probe.tcpSocket)?.port;
          if (port === undefined || hasPort(container, port)) return [];
          return refuse(`port ${JSON.stringify(port)} is none of the container`, `use one of ${portsOf(container)}`);
        }),
      ),
    );

/** Every container asks for CPU and memory and is limited in memory. */
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
            wrong: 'it is missing',
            fix: 'say it in the resources file of the overlay',
          },
        ];
      }),
    ),
  );

/** No pod carries a token of its service account: none of ours asks the API server for anything. */
export const tokens: Check = (objects) =>
  podsOf(objects)
    .filter(({ spec }) => spec.automountServiceAccountToken !== false)
    .map(({ object, spec, path }) => ({
      object,
      path: `${path}.automountServiceAccountToken`,
      wrong: `got ${spec.automountServiceAccountToken}`,
      fix: 'set it to false',
    }));

/** What a disruption budget protects has replicas to spare. */
export const budgets: Check = (objects) =>
  objects
    .filter(({ kind }) => kind === 'PodDisruptionBudget')
    .flatMap((object): Problem[] => {
      const name =
        object.spec.selector.matchLabels?.app ?? object.spec.selector.matchLabels?.['app.kubernetes.io/name'];
      const workload = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
      if (!workload) {
        return [{ object, path: 'spec.selector', wrong: `it selects no Deployment, got "${name}"`, fix: 'select one' }];
      }
      if (workload.spec.replicas > 1) return [];
      const wrong = `Deployment "${name}" has ${workload.spec.replicas} replica`;
      return [
        { object, path: 'spec', wrong, fix: 'give it two, or remove the budget: it would block a drain for nothing' },
      ];
    });

/** Whether a container has a port of that name or number. */
export function hasPort({ ports = [] }: Json, port: string | number): boolean {
  return ports.some(({ name, containerPort }: Json) => port === name || port === containerPort);
}

function portsOf({ ports = [] }: Json): string {
  return (
    ports.map(({ name, containerPort }: Json) => `${name} (${containerPort})`).join(', ') || 'no port: it has none'
  );
}
