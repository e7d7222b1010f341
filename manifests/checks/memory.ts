import { memoryOf } from '../../platforms/schema/machine-type';
import type { Json } from '../json';
import { podsOf } from './pods';
import type { Check } from './problem';

/** Memory that the operating system, k0s, Argo CD and the operators of the layers need on a VM, in MiB. */
const RESERVED_MIB = 3072;

const UNITS: Readonly<Record<string, number>> = { Ki: 1 / 1024, Mi: 1, Gi: 1024 };

/**
 * The requests of all pods fit into the memory of the VM, next to the platform. Jobs run one after another. The sum of limits may
 * exceed it, since pods rarely reach theirs together, but no pod alone may use more than there is: the kernel would end others.
 */
export const memory: Check = (objects, { description, env }) => {
  const cluster = description.environments[env]?.cluster;
  if (cluster?.kind !== 'k0s-vm') return [];
  const free = memoryOf(cluster.machineType) - RESERVED_MIB;
  const greedy = podsOf(objects).flatMap(({ object, path, spec }) => {
    const most = memoryOfPod(spec, 'limits');
    const wrong = `the pod may use ${most} MiB of memory, and ${cluster.machineType} has ${free} MiB for all pods`;
    return most > free ? [{ object, path, wrong, fix: 'lower its limits, or choose a larger machine type' }] : [];
  });
  const pods = podsOf(objects).map((pod) => ({ ...pod, mebibytes: memoryOfPod(pod.spec, 'requests') }));
  const serving = pods.filter(({ serves }) => serves);
  const total =
    serving.reduce((sum, { object, mebibytes }) => sum + (object.spec.replicas ?? 1) * mebibytes, 0) +
    Math.max(0, ...pods.filter(({ serves }) => !serves).map(({ mebibytes }) => mebibytes));
  const [largest] = serving.toSorted((a, b) => b.mebibytes - a.mebibytes);
  if (total <= free || !largest) return greedy;
  return [
    ...greedy,
    {
      object: largest.object,
      path: largest.path,
      wrong: `all pods request ${total} MiB of memory, and ${cluster.machineType} has ${free} MiB for them`,
      fix: 'request less memory, or choose a larger machine type',
    },
  ];
};

/** Init containers have ended when the others start, so that a pod takes the larger of both. */
function memoryOfPod({ initContainers = [], containers }: Json, kind: 'requests' | 'limits'): number {
  const memoryIn = ({ resources }: Json): number => {
    const [, amount = '0', unit = ''] = /^([\d.]+)([KMG]i)$/.exec(resources?.[kind]?.memory ?? '') ?? [];
    return Number(amount) * (UNITS[unit] ?? 0);
  };
  const together = containers.reduce((sum: number, one: Json) => sum + memoryIn(one), 0);
  return Math.max(together, ...initContainers.map(memoryIn));
}
