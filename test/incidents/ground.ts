import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { parse, stringify } from 'yaml';
import { RootApplication } from '../../constructs/gitops/root-application';
import { namesOf } from '../../platforms/schema/names';
import { secretsOf } from '../../platforms/schema/secrets';
import threads from '../../platforms/threads/platform';
import { GitRemotes } from '../../sandbox/git/remotes';
import { secret } from '../../sandbox/google/iam/service-accounts';
import { readSecret } from '../../sandbox/google/rest/secret-manager';
import type { Cluster } from '../../sandbox/kubernetes/api-server/cluster';
import { ArgoCd } from '../../sandbox/kubernetes/argocd/argocd';
import { charts } from '../../sandbox/kubernetes/charts/chart';
import { renderChart } from '../../sandbox/kubernetes/charts/render';
import { Clusters } from '../../sandbox/kubernetes/clusters/clusters';
import { externalSecrets } from '../../sandbox/kubernetes/external-secrets/external-secrets';
import { findImage, pushImage } from '../../sandbox/registry/oci';
import { localPath } from '../../sandbox/test/kubernetes/ground';
import { type KubernetesObject, World } from '../../sandbox/world';

const MACHINE = 'projects/p/zones/us-east1-b/instances/vm';
const OVERLAY = 'k8s/threads/overlays/prod';

/** What a ground is to have beside Kubernetes itself. All of it, unless a test is about what is missing. */
export interface Having {
  readonly storageClass?: boolean;
  readonly externalSecrets?: boolean;
  /** Architectures of our own images. @default ['amd64'] */
  readonly architectures?: readonly string[];
  /** Value of the database's password in Secret Manager; null is a secret without a value. */
  readonly password?: string | null;
}

/** Production of threads as it is in this repository, from layer 01-k8s upwards: a simulated cluster, Argo CD and Git. */
export class Ground {
  readonly world = World.inMemory();
  readonly cluster: Cluster;
  readonly folder = mkdtempSync(join(tmpdir(), 'incident-'));
  private readonly remotes = GitRemotes.open(join(this.folder, 'git'));
  private readonly argo = new ArgoCd(this.remotes);

  constructor() {
    const { world } = this;
    const machine = { name: 'vm', address: '10.0.0.2', memoryMiB: 8192, cpus: 2, disk: 'disk', startupScript: '' };
    world.data.machines[MACHINE] = { ...machine, architecture: 'amd64', state: 'running' };
    const secrets = externalSecrets((project, name, version) => readSecret(world, project, name, version));
    const clusters = new Clusters(world, {
      controllers: [this.argo, secrets],
      images: { find: (reference) => findImage(world, reference) },
    });
    clusters.install(MACHINE, { nodeName: 'vm', kubernetesVersion: '1.34.4', certificateNames: ['10.0.0.2'] });
    this.cluster = clusters.get(MACHINE) as Cluster;
  }

  /** A cluster that serves production, or shows why it cannot. */
  static async open(having: Having = {}): Promise<Ground> {
    const ground = new Ground();
    cpSync('k8s', join(ground.folder, 'tree/k8s'), { recursive: true });
    await ground.push();
    for (const { name, newTag } of ground.kustomization.images.filter((image) => image.name.includes('pkg.dev')))
      pushImage(ground.world, `${name}:${newTag}`, having.architectures ?? ['amd64']);
    await ground.putSecrets(having.password === undefined ? 'open sesame' : having.password);
    if (having.storageClass !== false) await ground.apply(...localPath('Retain'));
    if (having.externalSecrets !== false) await ground.install('external-secrets', 'external-secrets-system');
    await ground.install('argo-cd', 'argocd');
    await ground.follow();
    return ground;
  }

  close(): void {
    this.world.clock.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Applies objects and lets everything come to its end. */
  async apply(...objects: KubernetesObject[]): Promise<void> {
    for (const object of objects) this.cluster.apply(object);
    await this.cluster.settled();
  }

  /** Deletes objects and lets everything come to its end. */
  async remove(...objects: KubernetesObject[]): Promise<void> {
    for (const { apiVersion, kind, metadata } of objects) {
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
      this.cluster.delete({ group, kind, namespace: metadata.namespace, name: metadata.name });
    }
    await this.cluster.settled();
  }

  /** Installs one of the sandbox's charts, as layer 01-k8s does. */
  async install(name: string, namespace: string): Promise<void> {
    const chart = charts.find((one) => one.name === name) as (typeof charts)[0];
    const { objects } = renderChart(chart, { name, namespace }, chart.values);
    await this.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...objects);
  }

  /** Lets Argo CD follow the repository, as layer 02-argocd-app does. */
  follow(): Promise<void> {
    return this.apply(...rootObjects(this.folder));
  }

  /** Pushes files, by path below the production overlay, and lets Argo CD notice. */
  async push(files: Readonly<Record<string, object>> = {}): Promise<void> {
    for (const [file, content] of Object.entries(files)) {
      const path = join(this.folder, 'tree', OVERLAY, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, stringify(content));
    }
    await this.remotes.seed(threads.repository.url, threads.repository.branch, join(this.folder, 'tree'));
    await this.argo.reconcile(this.cluster);
    await this.cluster.settled();
  }

  /** The Application as layer 02-argocd-app declares it, changed. */
  application(changes: object = {}): KubernetesObject {
    const declared = rootObjects(this.folder).find(({ kind }) => kind === 'Application') as KubernetesObject;
    return { ...declared, spec: { ...(declared['spec'] as object), ...changes } };
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test that looks for a missing key fails by itself
  find(kind: string, name: string, group = '', namespace: string | undefined = 'threads'): any {
    return this.cluster.get({ group, kind, namespace, name });
  }

  /** The Application's state of operation and conditions. */
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  get status(): any {
    return this.find('Application', 'threads', 'argoproj.io', 'argocd')?.status ?? {};
  }

  /** What keeps the pods of a workload from running, as their status says it. */
  problems(): string[] {
    return this.cluster.list('', 'Pod', 'threads').flatMap((pod) => {
      const { containerStatuses = [], conditions = [] } = (pod['status'] ?? {}) as PodStatus;
      const waiting = containerStatuses.flatMap(({ state }) => state.waiting?.message ?? []);
      const unscheduled = conditions.flatMap(({ reason, message }) => (reason === 'Unschedulable' ? message : []));
      return [...waiting, ...unscheduled];
    });
  }

  /** The kustomization of the production overlay, to be pushed changed. */
  get kustomization(): { images: { name: string; newTag: string }[]; patches: object[] } {
    return parse(readFileSync(join(this.folder, 'tree', OVERLAY, 'kustomization.yaml'), 'utf8'));
  }

  private async putSecrets(value: string | null): Promise<void> {
    const { project } = threads.google;
    const context = { world: this.world, provider: { project: String(project) }, home: '' };
    const names = namesOf('threads', 'prod');
    for (const noun of secretsOf(threads, 'prod')) {
      const { key } = await secret.create({ secret_id: names.secret(noun) }, context);
      // The others have their values in every incident: only the database's is ever missing.
      const set = noun === 'postgres-password' ? value : 'a way in';
      if (set !== null) this.setPassword(set, key);
    }
  }

  /** Sets the password, as a person does by `npm run secret`. */
  setPassword(value: string, key = 'projects/web-service-design/secrets/threads-prod-postgres-password'): void {
    this.world.data.secretVersions[key]?.push(Buffer.from(value).toString('base64'));
  }
}

interface PodStatus {
  containerStatuses?: { state: { waiting?: { message?: string } } }[];
  conditions?: { reason?: string; message: string }[];
}

/** The AppProject and the Application, out of the construct that the layer uses. */
function rootObjects(folder: string): KubernetesObject[] {
  const stack = new TerraformStack(new App({ outdir: join(folder, 'cdktf.out') }), 'root');
  const { url, branch } = threads.repository;
  new RootApplication(stack, 'root', {
    name: 'threads',
    argocdNamespace: 'argocd',
    namespace: 'threads',
    repository: { url, branch, path: OVERLAY },
  });
  stack.prepareStack();
  const { kubernetes_manifest } = stack.toTerraform().resource as {
    kubernetes_manifest: Record<string, { manifest: KubernetesObject }>;
  };
  return Object.values(kubernetes_manifest).map(({ manifest }) => manifest);
}
