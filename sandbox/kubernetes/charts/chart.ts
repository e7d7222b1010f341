import argoCd from './argo-cd.json';
import imageUpdater from './argocd-image-updater.json';
import cloudnativePg from './cloudnative-pg.json';
import externalSecrets from './external-secrets.json';
import runnerScaleSet from './gha-runner-scale-set.json';
import runnerScaleSetController from './gha-runner-scale-set-controller.json';
import kubePrometheusStack from './kube-prometheus-stack.json';
import loki from './loki.json';

/** A custom resource that a chart defines. */
export interface ChartKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: string;
  readonly versions: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Columns of `kubectl get`. */
  readonly columns?: readonly { name: string; type: string; jsonPath: string; priority?: number }[];
  /** Value that must be true. */
  readonly when?: string;
  /** Defaults of its schema by path, `[]` after a list: `spec.roles[].ensure`. Those below lists are complete. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** One Deployment or StatefulSet of a chart. All strings named after values are paths into them. */
export interface ChartWorkload {
  readonly kind: string;
  /** Appended to the release's full name; empty for the chart's main workload. */
  readonly component: string;
  /** Replaces `component` in the label `app.kubernetes.io/name`. */
  readonly label?: string;
  /** Name of its container. @default - its component, or the chart's name */
  readonly container?: string;
  /** Labels of its selector. @default - `app.kubernetes.io/name` and `app.kubernetes.io/instance` */
  readonly selector?: readonly string[];
  /** Where its values are; empty for the top level. */
  readonly values: string;
  /** The first path that holds something wins; without a tag it is the chart's app version. */
  readonly image: { readonly repository: readonly string[]; readonly tag: readonly string[] };
  readonly replicas?: string;
  /** Values that must all be true. */
  readonly when?: readonly string[];
  readonly serviceAccount: {
    readonly create: string;
    readonly name: string;
    readonly annotations: string;
    /** Name when the values give none, in which `${fullname}` is filled in; the workload's own name otherwise. */
    readonly default?: string;
  };
  /** Security context of its container, and of its pod. */
  readonly securityContext: ValueWithDefault;
  readonly podSecurityContext: ValueWithDefault;
  /** A list of arguments of its container. */
  readonly args?: string;
  readonly resources: string;
  readonly podLabels: readonly string[];
  /**
   * Requests where the values give none. The charts themselves request nothing; these are what the containers take when
   * idle, so that a node that is too small shows in the sandbox.
   */
  readonly requests: { readonly memory: string; readonly cpu: string };
  /** Ports of its Service; none without. */
  readonly ports?: readonly number[];
}

/** A map whose entries in the user's values win over the chart's, one by one. */
export interface ValueWithDefault {
  readonly value: string;
  readonly default: Readonly<Record<string, unknown>>;
}

/** A ConfigMap or Secret that a chart makes. */
export interface ChartObject {
  readonly kind: string;
  readonly name: string;
  /** Value that becomes its data. */
  readonly data?: string;
  /** Value that must be true. */
  readonly when?: string;
  /** Created by a hook: not part of the release, so it remains when the release is deleted. */
  readonly hook?: boolean;
  /** Keys that get a generated value. */
  readonly generated?: readonly string[];
}

/**
 * An object as a chart writes it. `${values.image.tag | chart.appVersion}` is the first of these that holds something, and
 * what holds nothing is left out; `$merge` merges maps as helm does. Labels and the namespace are added.
 */
interface ChartTemplate {
  /** Values that must all be true; `!path` for false, `path=text` for equal. */
  readonly when?: readonly string[];
  readonly object: Readonly<Record<string, unknown>> & { readonly metadata: { readonly name: string } };
}

/** What the sandbox knows of one version of one chart: read from the chart's own values and CRDs. */
export interface ChartFacts {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  /** Where the facts were read, and what of the chart they leave out. */
  readonly source?: string;
  readonly repositories: readonly string[];
  /** What the release's full name is built from. @default - the chart's name */
  readonly baseName?: string;
  /** Label `app.kubernetes.io/part-of`. */
  readonly partOf?: string;
  readonly crds?: {
    /** Value that switches them on. @default - always on, as those of a chart's folder `crds/` */
    readonly install?: string;
    /** Value that keeps them on uninstall. Without one they go, unless the annotations say otherwise. */
    readonly keep?: string;
    readonly annotations?: string;
    readonly labels?: string;
    readonly kinds: readonly ChartKind[];
  };
  readonly workloads?: readonly ChartWorkload[];
  readonly objects?: readonly ChartObject[];
  readonly templates?: readonly ChartTemplate[];
  /** Values without which the chart refuses to render. */
  readonly required?: readonly string[];
  /** Paths below which `values` names some keys only: others are taken as they are. */
  readonly partly?: readonly string[];
  /** Values, as in `when`, that the sandbox does not render, and what to use in their place. */
  readonly refused?: readonly { value: string; use: string }[];
  /** Known values with their defaults; `{}` begins a free-form map, long texts and lists are left empty. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** All charts the sandbox knows. */
export const charts: readonly ChartFacts[] = [
  argoCd,
  externalSecrets,
  imageUpdater,
  cloudnativePg,
  kubePrometheusStack,
  loki,
  runnerScaleSetController,
  runnerScaleSet,
];

const known = () => charts.map((c) => `${c.name} ${c.version} (${c.repositories.join(' or ')})`).join(', ');

/**
 * Finds a chart as helm does: by name in a repository, or by an `oci://` reference.
 *
 * @param version - exact version; the known one when left out.
 * @throws Error with helm's message, followed by the charts that are known.
 */
export function findChart(repository: string | undefined, chart: string, version: string | undefined): ChartFacts {
  const reference = chart.startsWith('oci://') ? chart : `${(repository ?? '').replace(/\/+$/, '')}/${chart}`;
  const found = charts.find((facts) => facts.repositories.some((url) => `${url}/${facts.name}` === reference));
  if (found && (!version || version === found.version)) return found;
  throw new Error(`${refusal(repository, chart, version, found)}; the sandbox knows these charts: ${known()}`);
}

function refusal(repository: string | undefined, chart: string, version: string | undefined, found?: ChartFacts) {
  const isKnownRepository = charts.some((facts) => facts.repositories.includes((repository ?? '').replace(/\/+$/, '')));
  if (found && chart.startsWith('oci://')) return `${chart}:${version}: not found`;
  if (found) return `chart "${chart}" version "${version}" not found in ${repository} repository`;
  if (repository && isKnownRepository) return `chart "${chart}" not found in ${repository} repository`;
  if (repository) return `looks like "${repository}" is not a valid chart repository or cannot be reached`;
  return `could not download chart: failed to download "${chart}"`;
}
