import type { KubernetesObject } from '../../world';
import { type ChartFacts, charts, findChart } from '../charts/chart';
import { renderChart } from '../charts/render';
import { type ChartValues, mergeValues, type SetEntry, unknownKeys, userValues } from '../charts/values';

/** Part `helm` of an Application's source, as far as the sandbox simulates it. */
export interface HelmSource {
  readonly releaseName?: string;
  readonly values?: string;
  readonly valuesObject?: ChartValues;
  readonly parameters?: readonly { readonly name: string; readonly value: string; readonly forceString?: boolean }[];
  readonly skipCrds?: boolean;
}

/** A source that is a chart of a repository. */
export interface ChartSource {
  readonly repoURL: string;
  readonly chart: string;
  readonly targetRevision?: string;
  readonly helm?: HelmSource;
}

const SIMULATED = ['releaseName', 'values', 'valuesObject', 'parameters', 'skipCrds'];

/**
 * Renders a chart by the sandbox's facts, as `helm template` does for Argo CD: no hooks, and none of helm's own marks.
 *
 * @param app - the Application's name, by default the release's too, and its destination.
 * @throws Error when there are no facts about this chart and version, or it does not know a value.
 */
export function renderHelm(
  source: ChartSource,
  app: { readonly name: string; readonly namespace: string },
): KubernetesObject[] {
  const chart = factsOf(source);
  const { helm = {} } = source;
  const others = Object.keys(helm).filter((key) => !SIMULATED.includes(key));
  if (others.length) {
    throw new Error(`the sandbox simulates only source.helm.${SIMULATED.join(', ')}, got: ${others.join(', ')}`);
  }
  const values = valuesOf(helm);
  const unknown = unknownKeys(values, chart);
  if (unknown.length) throw new Error(unknown.join('; '));
  const release = { name: helm.releaseName || app.name, namespace: app.namespace };
  const { objects } = renderChart(chart, release, mergeValues(chart.values, values));
  return objects.filter(({ kind }) => !(helm.skipCrds && kind === 'CustomResourceDefinition')).map(withoutOwnership);
}

/** Argo CD reads an OCI registry by its name alone. */
function factsOf({ repoURL, chart, targetRevision = '' }: ChartSource): ChartFacts {
  const address = repoURL.includes('://') ? repoURL : `oci://${repoURL}`;
  try {
    return address.startsWith('oci://')
      ? findChart(undefined, `${address}/${chart}`, targetRevision)
      : findChart(address, chart, targetRevision);
  } catch {
    const known = charts.map(({ name, version }) => `${name} ${version}`).join(', ');
    throw new Error(
      `the sandbox has no facts about chart ${chart} ${targetRevision} of ${repoURL}; it has some about ${known}`,
    );
  }
}

/** In helm's order: `parameters` win over `valuesObject`, which takes the place of `values`. */
function valuesOf({ values = '', valuesObject, parameters = [] }: HelmSource): ChartValues {
  const sets = parameters.map(
    ({ name, value, forceString }): SetEntry => ({ name, value, type: forceString ? 'string' : 'auto' }),
  );
  return userValues([valuesObject ? JSON.stringify(valuesObject) : values], sets);
}

/** `meta.helm.sh/*` comes from `helm install`, which Argo CD does not run. */
function withoutOwnership({ metadata, ...object }: KubernetesObject): KubernetesObject {
  const own = Object.entries(metadata.annotations ?? {}).filter(([key]) => !key.startsWith('meta.helm.sh/'));
  return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(own) } } as KubernetesObject;
}
