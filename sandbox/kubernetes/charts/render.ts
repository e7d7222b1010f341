import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../world';
import { isClusterWide } from '../api-server/kinds';
import type { ChartFacts, ChartObject, ChartWorkload, ValueWithDefault } from './chart';
import { definitionOf } from './definition';
import { fill } from './template';
import { type ChartValues, holds, valueAt } from './values';

/** What a chart is rendered for. */
export interface ReleaseName {
  readonly name: string;
  readonly namespace: string;
}

/** A rendered chart, in the order in which helm applies it. */
export interface Rendered {
  readonly objects: readonly KubernetesObject[];
  /** Created before the release and not part of it. */
  readonly hooks: readonly KubernetesObject[];
}

/**
 * Renders a chart by its facts.
 *
 * @param values - the chart's defaults with the user's values merged in.
 * @throws Error when a value asks for a part of the chart that the sandbox does not render.
 */
export function renderChart(chart: ChartFacts, release: ReleaseName, values: ChartValues): Rendered {
  const missing = chart.required?.find((path) => !valueAt(values, path));
  if (missing) throw new Error(`chart ${chart.name} ${chart.version} requires a value for ${missing}`);
  for (const { value, use } of chart.refused ?? []) {
    if (holds(values, value)) {
      throw new Error(`the sandbox does not render ${value} of chart ${chart.name} ${chart.version}; use ${use}`);
    }
  }
  const render = new Renderer(chart, release, values);
  const parts = chart.workloads?.filter((workload) => render.all(workload.when)) ?? [];
  const objects = (chart.objects ?? []).filter((object) => !object.when || render.unlessSwitchedOff(object.when));
  return {
    objects: [
      ...parts.flatMap((workload) => render.account(workload)),
      ...objects.filter((object) => !object.hook).map((object) => render.object(object)),
      ...render.crds(),
      ...parts.flatMap((workload) => render.service(workload)),
      ...parts.map((workload) => render.workload(workload)),
      ...render.templates(),
    ],
    hooks: objects.filter((object) => object.hook).map((object) => render.object(object)),
  };
}

class Renderer {
  private readonly name: string;
  private readonly fullName: string;
  private readonly namespace: string;

  constructor(
    private readonly chart: ChartFacts,
    private readonly release: ReleaseName,
    private readonly values: ChartValues,
  ) {
    this.name = this.text('nameOverride') || chart.baseName || chart.name;
    this.fullName =
      this.text('fullnameOverride') ||
      (release.name.includes(this.name) ? release.name : `${release.name}-${this.name}`).slice(0, 63);
    this.namespace = this.text('namespaceOverride') || release.namespace;
  }

  truthy(path: string): boolean {
    return Boolean(valueAt(this.values, path));
  }

  /** A switch among free-form settings: its default, on, is not in the facts. */
  unlessSwitchedOff(path: string): boolean {
    return Boolean(valueAt(this.values, path) ?? true);
  }

  all(paths: readonly string[] = []): boolean {
    return paths.every((path) => holds(this.values, path));
  }

  templates(): KubernetesObject[] {
    const { chart, release, values, fullName: fullname } = this;
    const scope = { values, release, chart, fullname };
    return (chart.templates ?? [])
      .filter(({ when }) => this.all(when))
      .map(({ object }) => {
        const { metadata, ...filled } = fill(object, scope) as KubernetesObject;
        const { name, namespace, labels, annotations } = this.metadata(metadata.name, this.name);
        const owned = isClusterWide(filled.kind) ? {} : { namespace };
        return {
          ...filled,
          metadata: {
            ...metadata,
            name,
            ...owned,
            ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
            labels: { ...labels, ...metadata.labels },
            annotations: { ...annotations, ...metadata.annotations },
          },
        } as KubernetesObject;
      });
  }

  crds(): KubernetesObject[] {
    const { crds } = this.chart;
    if (!crds || (crds.install && !this.truthy(crds.install))) return [];
    const keep: Record<string, string> =
      crds.keep && this.truthy(crds.keep) ? { 'helm.sh/resource-policy': 'keep' } : {};
    return crds.kinds
      .filter((kind) => this.all(kind.when ? [kind.when] : []))
      .map((kind) => {
        const { metadata, ...definition } = definitionOf(kind);
        const { labels } = this.metadata('', '');
        const annotations = { ...this.ownership(), ...keep, ...(crds.annotations ? this.map(crds.annotations) : {}) };
        return { ...definition, metadata: { ...metadata, labels, annotations } };
      });
  }

  account(workload: ChartWorkload): KubernetesObject[] {
    if (!this.truthy(workload.serviceAccount.create)) return [];
    const metadata = this.metadata(this.accountName(workload), this.label(workload));
    const annotations = { ...metadata.annotations, ...this.map(workload.serviceAccount.annotations) };
    return [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, annotations } }];
  }

  service(workload: ChartWorkload): KubernetesObject[] {
    if (!workload.ports) return [];
    const ports = workload.ports.map((port) => ({ name: `port-${port}`, port, targetPort: port, protocol: 'TCP' }));
    const spec = { type: 'ClusterIP', selector: this.selector(workload), ports };
    return [
      { apiVersion: 'v1', kind: 'Service', metadata: this.metadata(this.nameOf(workload), this.label(workload)), spec },
    ];
  }

  workload(workload: ChartWorkload): KubernetesObject {
    const selector = this.selector(workload);
    const labels = Object.assign({}, this.identity(workload), ...workload.podLabels.map((path) => this.map(path)));
    const name = this.nameOf(workload);
    const resources = this.map(workload.resources);
    const args = workload.args ? valueAt(this.values, workload.args) : undefined;
    const container = {
      name: workload.container ?? (workload.component || this.chart.name),
      image: this.image(workload),
      imagePullPolicy: 'IfNotPresent',
      ...(Array.isArray(args) && args.length ? { args } : {}),
      resources: Object.keys(resources).length ? resources : { requests: { ...workload.requests } },
      securityContext: this.merged(workload.securityContext),
    };
    const pod = {
      serviceAccountName: this.accountName(workload),
      securityContext: this.merged(workload.podSecurityContext),
      containers: [container],
    };
    return {
      apiVersion: 'apps/v1',
      kind: workload.kind,
      metadata: this.metadata(name, this.label(workload)),
      spec: {
        replicas: workload.replicas ? Number(valueAt(this.values, workload.replicas) ?? 1) : 1,
        selector: { matchLabels: selector },
        ...(workload.kind === 'StatefulSet' ? { serviceName: name } : {}),
        template: { metadata: { labels }, spec: pod },
      },
    };
  }

  object(object: ChartObject): KubernetesObject {
    const data = object.data ? this.map(object.data) : {};
    const generated = (object.generated ?? []).map((key) => [key, this.generate(`${object.name}/${key}`)]);
    const { create: _, annotations: __, ...entries } = data;
    return {
      apiVersion: 'v1',
      kind: object.kind,
      metadata: object.hook
        ? { name: object.name, namespace: this.namespace }
        : this.metadata(object.name, object.name),
      ...(object.kind === 'Secret' ? { type: 'Opaque' } : {}),
      data: { ...mapValues(entries, String), ...Object.fromEntries(generated) },
    };
  }

  /** Base64 of something that is stable for a release and is no real password. */
  private generate(what: string): string {
    const digest = createHash('sha256').update(`${this.release.namespace}/${this.release.name}/${what}`).digest('hex');
    return Buffer.from(digest.slice(0, 16)).toString('base64');
  }

  private image(workload: ChartWorkload): string {
    const first = (paths: readonly string[]) => paths.map((path) => this.text(path)).find(Boolean);
    return `${first(workload.image.repository)}:${first(workload.image.tag) ?? this.chart.appVersion}`;
  }

  private nameOf(workload: ChartWorkload): string {
    return workload.component ? `${this.fullName}-${workload.component}` : this.fullName;
  }

  private accountName(workload: ChartWorkload): string {
    const { create, name, default: fallback } = workload.serviceAccount;
    if (this.text(name) || !this.truthy(create)) return this.text(name) || 'default';
    return fallback ? String(fill(fallback, { fullname: this.fullName })) : this.nameOf(workload);
  }

  private label(workload: ChartWorkload): string {
    const component = workload.label ?? workload.component;
    return component ? `${this.name}-${component}` : this.name;
  }

  private selector(workload: ChartWorkload): Record<string, string> {
    const { selector } = workload;
    const all = Object.entries(this.identity(workload));
    return Object.fromEntries(all.filter(([label]) => !selector || selector.includes(label)));
  }

  private identity(workload: ChartWorkload): Record<string, string> {
    return { 'app.kubernetes.io/name': this.label(workload), 'app.kubernetes.io/instance': this.release.name };
  }

  private ownership(): Record<string, string> {
    return {
      'meta.helm.sh/release-name': this.release.name,
      'meta.helm.sh/release-namespace': this.release.namespace,
    };
  }

  private metadata(name: string, label: string) {
    return {
      name,
      namespace: this.namespace,
      labels: {
        ...(label ? { 'app.kubernetes.io/name': label } : {}),
        'app.kubernetes.io/instance': this.release.name,
        'app.kubernetes.io/managed-by': 'Helm',
        ...(this.chart.partOf ? { 'app.kubernetes.io/part-of': this.chart.partOf } : {}),
        'app.kubernetes.io/version': this.chart.appVersion,
        'helm.sh/chart': `${this.chart.name}-${this.chart.version}`,
      },
      annotations: this.ownership(),
    };
  }

  /** `enabled` is the chart's own switch, not a field of Kubernetes. */
  private merged({ value, default: defaults }: ValueWithDefault): Record<string, unknown> {
    const { enabled: _, ...context } = { ...defaults, ...this.map(value) };
    return context;
  }

  private text(path: string): string {
    const value = valueAt(this.values, path);
    return value === undefined || value === null ? '' : String(value);
  }

  private map(path: string): Record<string, unknown> & Record<string, string> {
    return (valueAt(this.values, path) ?? {}) as Record<string, unknown> & Record<string, string>;
  }
}

function mapValues<T, U>(map: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
