import type { KubernetesObject } from '../../world';
import type { ClusterApi, ObjectRef } from '../api-server/api';
import { kindOf } from '../api-server/kind';
import { refTo } from '../api-server/reference';
import { type Application, ARGO } from './application';

/** URL by which Argo CD knows the cluster it runs in. */
const IN_CLUSTER = 'https://kubernetes.default.svc';

interface GroupKind {
  readonly group: string;
  readonly kind: string;
  readonly name?: string;
}

interface ProjectSpec {
  readonly sourceRepos?: readonly string[];
  readonly destinations?: readonly { readonly server?: string; readonly name?: string; readonly namespace?: string }[];
  readonly clusterResourceWhitelist?: readonly GroupKind[];
  readonly clusterResourceBlacklist?: readonly GroupKind[];
  readonly namespaceResourceWhitelist?: readonly GroupKind[];
  readonly namespaceResourceBlacklist?: readonly GroupKind[];
}

const PROJECTS = kindOf<KubernetesObject<ProjectSpec>>(ARGO, 'AppProject');

/** The project that Argo CD makes when it starts: it allows everything. */
export function makeDefaultProject(cluster: ClusterApi, namespace: string): void {
  if (cluster.get(refTo(PROJECTS, 'default', namespace))) return;
  cluster.create({
    apiVersion: `${ARGO}/v1alpha1`,
    kind: 'AppProject',
    metadata: { name: 'default', namespace },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  });
}

/** The AppProject of an Application: what it may read, where it may write, and which kinds. */
export class Project {
  private constructor(
    private readonly name: string,
    private readonly spec: ProjectSpec,
  ) {}

  /** @throws Error when there is no such project. */
  static of(cluster: ClusterApi, app: Application): Project {
    const name = app.spec.project || 'default';
    const object = cluster.get(refTo(PROJECTS, name, app.metadata.namespace));
    if (!object) throw new Error(`Application referencing project ${name} which does not exist`);
    return new Project(name, object.spec);
  }

  /** What is wrong with an Application's spec; empty when nothing is. */
  problems(app: Application): string[] {
    const { source, destination } = app.spec;
    const server = destination.server || (destination.name === 'in-cluster' ? IN_CLUSTER : undefined);
    if (!server)
      return [`unable to find destination server: there are no clusters with this name: ${destination.name}`];
    if (server !== IN_CLUSTER)
      return [`cluster '${server}' has not been configured; the sandbox simulates only ${IN_CLUSTER}`];
    if (!source) return ['the sandbox simulates spec.source, not spec.sources'];
    const problems: string[] = [];
    if (!allows(this.spec.sourceRepos ?? [], normalise(source.repoURL))) {
      problems.push(`application repo ${source.repoURL} is not permitted in project '${this.name}'`);
    }
    if (!this.allowsNamespace(destination.namespace ?? '')) {
      problems.push(
        `application destination server '${server}' and namespace '${destination.namespace ?? ''}' do not match any of the allowed destinations in project '${this.name}'`,
      );
    }
    return problems;
  }

  /** Why an object may not be synced, or undefined when it may. */
  refusal(ref: ObjectRef, namespaced: boolean): string | undefined {
    const { clusterResourceWhitelist, clusterResourceBlacklist, namespaceResourceWhitelist } = this.spec;
    const matches = (list: readonly GroupKind[] = []) =>
      list.some((rule) => glob(rule.group, ref.group) && glob(rule.kind, ref.kind) && glob(rule.name || '*', ref.name));
    const isAllowed = namespaced
      ? (!namespaceResourceWhitelist || matches(namespaceResourceWhitelist)) &&
        !matches(this.spec.namespaceResourceBlacklist)
      : matches(clusterResourceWhitelist) && !matches(clusterResourceBlacklist);
    if (!isAllowed) return `resource ${ref.group}:${ref.kind} is not permitted in project ${this.name}`;
    if (namespaced && !this.allowsNamespace(ref.namespace ?? '')) {
      return `namespace ${ref.namespace} is not permitted in project '${this.name}'`;
    }
    return undefined;
  }

  private allowsNamespace(namespace: string): boolean {
    const here = (this.spec.destinations ?? []).filter(({ server, name }) =>
      server ? glob(server.replace(/^!/, ''), IN_CLUSTER) : glob(name ?? '', 'in-cluster'),
    );
    return allows(
      here.map((destination) => destination.namespace ?? ''),
      namespace,
    );
  }
}

/** Whether some pattern fits and no `!pattern` does. */
function allows(patterns: readonly string[], value: string): boolean {
  const denied = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const allowed = patterns.filter((pattern) => !pattern.startsWith('!'));
  const fits = (pattern: string) => glob(normalise(pattern), value);
  return allowed.some(fits) && !denied.some(fits);
}

function normalise(url: string): string {
  return url.replace(/\.git$/, '');
}

function glob(pattern: string, value: string): boolean {
  const body = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${body}$`).test(value);
}
