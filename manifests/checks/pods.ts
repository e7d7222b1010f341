import type { Json } from '../json';

/** A pod that an object describes. */
export interface Pod {
  readonly object: Json;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Json;
  /** Path of `spec` in the object. */
  readonly path: string;
  /** True if it runs until it is stopped, unlike a Job. */
  readonly serves: boolean;
}

/** A container with its path in the object. */
export interface Container {
  readonly container: Json;
  readonly path: string;
}

const TEMPLATES: Readonly<Record<string, string>> = {
  Deployment: 'spec.template',
  StatefulSet: 'spec.template',
  DaemonSet: 'spec.template',
  Job: 'spec.template',
  CronJob: 'spec.jobTemplate.spec.template',
};

/** The pods that objects describe directly, without those that an operator or a chart creates. */
export function podsOf(objects: readonly Json[]): Pod[] {
  return objects.flatMap((object) => {
    const path = TEMPLATES[object.kind];
    if (!path) return [];
    const template = path.split('.').reduce((node, key) => node?.[key], object);
    return {
      object,
      namespace: object.metadata.namespace,
      labels: template.metadata?.labels ?? {},
      spec: template.spec,
      path: `${path}.spec`,
      serves: !path.includes('jobTemplate') && object.kind !== 'Job',
    };
  });
}

/** All containers of a pod, init containers first. */
export function containersOf({ spec, path }: Pod): Container[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    (spec[list] ?? []).map((container: Json) => ({ container, path: `${path}.${list}[${container.name}]` })),
  );
}

/** The pods of CloudNativePG Clusters, as Services and policies see them. */
export function instancesOf(objects: readonly Json[]): Pod[] {
  const clusters = objects.filter(({ kind, apiVersion }) => kind === 'Cluster' && apiVersion.startsWith('postgresql'));
  return clusters.map((object) => ({
    object,
    namespace: object.metadata.namespace,
    labels: {
      ...object.spec.inheritedMetadata?.labels,
      'cnpg.io/cluster': object.metadata.name,
      'cnpg.io/instanceRole': 'primary',
    },
    spec: { containers: [{ name: 'postgres', ports: [5432, 8000, 9187].map((containerPort) => ({ containerPort })) }] },
    path: 'spec',
    serves: true,
  }));
}

/** True if a label selector matches these labels. An empty selector matches all. */
export function selects(selector: Json, labels: Readonly<Record<string, string>>): boolean {
  const isEqual = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const holds = ({ key, operator, values = [] }: Json) => {
    const value = labels[key];
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    return (operator === 'Exists') === (value !== undefined);
  };
  return isEqual && (selector?.matchExpressions ?? []).every(holds);
}
