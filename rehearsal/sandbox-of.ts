import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { kustomize } from '../clients/kubectl';
import type { LoadedPlatform } from '../platforms/load';
import { architectureOf, type Cluster, storageClassOf } from '../platforms/schema/cluster';
import { kubeconfigOf, projectOf, repositoryOf } from '../platforms/schema/environment';
import { firstServicesOf } from '../platforms/schema/first-services';
import { lastStart } from '../platforms/schema/power';
import { imageRepository } from '../platforms/schema/registry';
import { onGithub } from '../platforms/schema/repository-on-github';
import type { ExistingCluster, SandboxOptions } from '../sandbox';

/** The assumed free capacity of a node in an existing cluster. */
const LAPTOP = { memoryMiB: 8192, cpus: 4 };

/** Services of a new project that matter here. Source: https://cloud.google.com/service-usage/docs/enabled-service#default */
const NEW_PROJECT = ['logging', 'monitoring', 'serviceusage'];

/**
 * What a sandbox needs before a platform can be deployed in it: its state bucket, its projects with the first services enabled,
 * its repository, its images and existing clusters.
 *
 * Its clock starts in the morning of the VM, so that the power schedule does not stop the VM during the rehearsal.
 *
 * @param options.only - the only environment whose cluster is needed. kubectl then has no current context, so that a command
 * without an explicit context fails. @default - all
 * @param options.current - the environment whose cluster is kubectl's current context. @default - the first
 * @param options.empty - starts before `npm run bootstrap`: without the state bucket, and with the services of a new project.
 * @default false
 * @param options.root - folder with the trees, which the repository holds. @default - the working directory
 */
export async function sandboxOf(
  platform: LoadedPlatform,
  options: { readonly only?: string; readonly current?: string; readonly empty?: boolean; readonly root?: string } = {},
): Promise<Omit<SandboxOptions, 'directory'>> {
  const { only, empty = false, root = '.' } = options;
  const current = only ? undefined : (options.current ?? Object.keys(platform.environments)[0]);
  const followed = Object.keys(platform.environments).map((name) => repositoryOf(platform, name));
  const roots = followed.map(({ path }) => join(root, path)).filter(existsSync);
  const overlays = new Set([
    ...roots,
    ...(platform.repository.holds === 'applications' ? await childrenOf(root, roots) : []),
  ]);
  const { url } = platform.repository;
  const branches = new Set(followed.map(({ branch }) => branch));
  const registry = platform.registry.kind === 'upstream' ? undefined : imageRepository(platform, '');
  const images = [...overlays].flatMap(imagesOf).filter((reference) => registry && reference.startsWith(registry));
  const sources = new Set(Object.values(platform.services).flatMap(({ source }) => source ?? []));
  const clusters = Object.entries(platform.environments).flatMap(([name, { cluster }]) =>
    cluster.kind !== 'k0s-vm' && (only ?? name) === name ? [existing(platform, name, cluster, name === current)] : [],
  );
  const hasVm = Object.values(platform.environments).some(({ cluster }) => cluster.kind === 'k0s-vm');
  const powers = Object.values(platform.environments).map(({ cluster }) => cluster.kind === 'k0s-vm' && cluster.power);
  const power = powers.find((hours) => hours);
  return {
    ...(power && { start: lastStart(power, Date.now()) }),
    buckets: empty
      ? []
      : [{ name: platform.state.bucket, project: projectOf(platform), location: platform.google.region }],
    repositories: [url, ...sources].flatMap((one) => {
      const repository = onGithub(one);
      return repository ? [{ ...repository, private: one === url && platform.repository.private }] : [];
    }),
    ...(platform.slack && { channels: [platform.slack.channel] }),
    projects:
      hasVm || empty ? [{ id: projectOf(platform), services: empty ? NEW_PROJECT : firstServicesOf(platform) }] : [],
    remotes: [
      ...[...branches].map((branch) => ({ url, branch, workTree: root, private: platform.repository.private })),
      ...[...sources].flatMap((source) => [...branches].map((branch) => ({ url: source, branch }))),
    ],
    clusters: clusters.filter(
      ({ context, kubeconfig }, index) =>
        clusters.findIndex((one) => one.context === context && one.kubeconfig === kubeconfig) === index,
    ),
    images: images.map((reference) => ({ reference, architectures: ['amd64'] })),
  };
}

/** An existing cluster. Its node has the name that kind gives to its only node, and hetzner-k3s to the first of a pool. */
function existing(
  platform: LoadedPlatform,
  env: string,
  cluster: Exclude<Cluster, { kind: 'k0s-vm' }>,
  current: boolean,
): ExistingCluster {
  const common = {
    ...LAPTOP,
    architecture: architectureOf(cluster),
    storageClasses: [storageClassOf(cluster)],
    current,
  };
  const { path: kubeconfig, context = contextOf(cluster) } = kubeconfigOf(platform, env);
  return cluster.kind === 'kubeconfig'
    ? { ...common, kubeconfig, context, nodeName: `${context.replace(/^kind-/, '')}-control-plane` }
    : {
        ...common,
        current: true,
        kubeconfig,
        context,
        nodeName: `${cluster.name}-master1`,
        distribution: 'hetzner-k3s',
      };
}

/** The context of an existing cluster in the sandbox. */
export function contextOf(cluster: Cluster): string {
  return cluster.kind === 'kubeconfig' ? cluster.context : cluster.kind === 'hetzner-k3s' ? cluster.name : '';
}

/** The paths of the Applications in overlays, as kustomize renders them. Each is a separate overlay. */
async function childrenOf(root: string, roots: readonly string[]): Promise<string[]> {
  const built = await Promise.all(roots.map((folder) => kustomize(folder)));
  return built
    .flatMap((manifests) => parseAllDocuments(manifests).map((document) => document.toJS() as ArgoApplication))
    .flatMap(({ kind, spec }) => (kind === 'Application' && spec?.source?.path) || [])
    .map((path) => join(root, path))
    .filter((path) => existsSync(join(path, 'kustomization.yaml')));
}

interface ArgoApplication {
  readonly kind: string;
  readonly spec?: { readonly source?: { readonly path?: string } };
}

/** The images in an overlay: those in the platform's own registry count as pushed. */
function imagesOf(overlay: string): string[] {
  const { images = [] } = parse(readFileSync(join(overlay, 'kustomization.yaml'), 'utf8')) as {
    images?: { name: string; newName?: string; newTag?: string }[];
  };
  return images.map(({ name, newName, newTag }) => `${newName ?? name}:${newTag}`);
}
