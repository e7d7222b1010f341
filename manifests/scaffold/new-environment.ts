import { parse } from 'yaml';
import type { z } from 'zod';
import { type LayerId, scopeOf } from '../../contracts/layers';
import { forRegExp, forTypeScript } from '../../escape';
import { k0sVm, kubeconfig } from '../../platforms/schema/cluster';
import { environmentOf, imageRepository, type Platform } from '../../platforms/schema/define-platform';
import { deployCommand } from '../../platforms/schema/deploy-command';
import { applicationOf, layersOf, namespaceOf, projectOf, repositoryOf } from '../../platforms/schema/environment';
import { hostName } from '../../platforms/schema/exposure';
import { namesOf } from '../../platforms/schema/names';
import { noun } from '../../platforms/schema/noun';
import { PlatformError } from '../../platforms/schema/problems';
import { isUpstream } from '../../platforms/schema/registry';
import { secretsOf } from '../../platforms/schema/secrets';
import { platformFrom, sourceOf } from '../description';
import { setImages } from '../image-entry';
import { mapStrings, removeItems } from '../yaml-edit';
import { addEnvironment } from './control-file';
import { addEntry, assertDescribed, entryOf, withStrings, withValue } from './platform-source';
import { PLACEHOLDER_COMMIT, withReplicas } from './replicas';
import type { Tree } from './tree';

/** What is asked of `newEnvironment`. */
export interface EnvironmentRequest {
  readonly name: string;
  /** The environment that it is a copy of, but for what must differ. */
  readonly like: string;
  /** Range of its subnet; its VM has address 10 in it. Required for a `k0s-vm`. */
  readonly cidr?: string;
  /** Host name of its tunnel. Needed where visitors come by one. */
  readonly hostname?: string;
  /** Context of its cluster. @default - that of the environment it is like, which needs a namespace an environment */
  readonly context?: string;
}

/**
 * Writes an environment into a platform's file and tree, as a copy of another one.
 *
 * @returns what the owner has to do next, one line each
 * @throws {PlatformError} when it is there already, or when the platform would not be valid with it. Nothing is saved then.
 */
export function newEnvironment(tree: Tree, platformName: string, request: EnvironmentRequest): string[] {
  const { name, like } = request;
  const source = sourceOf(platformName);
  assertDescribed(tree, platformName);
  const text = tree.read(source);
  const platform = platformFrom(platformName, text);
  checkRequest(tree, platform, request);
  const values = differences(platform, request);
  const copied = withStrings(entryOf(platformName, text, 'environments', like), like, name);
  const entry = values.reduce((object, [path, value]) => withValue(object, path.split('.'), value), copied);
  const described = addEntry(platformName, text, 'environments', name, entry);
  const after = platformFrom(platformName, described);
  const change = rename(platform, after, request);
  // A branch that has not been pushed has no images: each of our own images waits for its first tag.
  const waits = platform.tags === 'branch-sha';
  for (const path of tree.files(`k8s/${platformName}`)) {
    if (!path.split('/').includes(like) || (waits && path.endsWith('.poddisruptionbudget.yaml'))) continue;
    const to = path
      .split('/')
      .map((part) => (part === like ? name : part.replace(`-${like}.`, `-${name}.`)))
      .join('/');
    const text = tree.read(path);
    tree.create(to, path.endsWith('.yaml') ? change(text) : text);
  }
  tree.write(source, described);
  if (environmentOf(after, name).delivery.gate) addEnvironment(tree, platformName, name, like);
  if (waits) withoutImages(tree, after, name);
  return nextOf(after, request, tree);
}

function checkRequest(
  tree: Tree,
  platform: Platform,
  { name, like, cidr, hostname, context }: EnvironmentRequest,
): void {
  const { cluster, exposure, application } = environmentOf(platform, like);
  const isVm = cluster.kind === 'k0s-vm';
  const isExisting = cluster.kind === 'kubeconfig';
  const flag = (needed: boolean, given: string | undefined, option: string, why: string): [boolean, string] => [
    needed === (given !== undefined),
    needed ? `${option}: missing; ${why}` : `${option}: got "${given}"; leave it out: environment "${like}" has none`,
  ];
  const own =
    platform.repository.holds === 'applications' ? ownApplications(tree, repositoryOf(platform, like).path) : [];
  const rules: readonly (readonly [holds: boolean, otherwise: string])[] = [
    ...invalid('name', noun, name),
    [
      !Object.hasOwn(platform.environments, name),
      `name: got "${name}"; it already exists in ${sourceOf(platform.name)}; choose another name`,
    ],
    ...invalid('--cidr', k0sVm.shape.network.shape.cidr, cidr),
    ...invalid('--hostname', hostName, hostname),
    ...invalid('--context', kubeconfig.shape.context, context),
    [
      own.length === 0,
      `--like: got "${like}"; only it has ${own.join(', ')}, whose folders and secrets a copy would share: take an environment that has the Applications of the base alone`,
    ],
    flag(isVm, cidr, '--cidr', 'give a range that no other environment has, such as "10.30.0.0/24"'),
    flag(
      exposure.kind === 'tunnel',
      hostname,
      '--hostname',
      `visitors of "${like}" come by a tunnel, give this one a host name`,
    ),
    // One Argo CD and one namespace of the tree on a cluster, unless the environment names its own.
    application && isExisting
      ? [true, '']
      : flag(
          isExisting,
          context,
          '--context',
          `name the context of another cluster: "${like}" has that of "${isExisting ? cluster.context : ''}" to itself`,
        ),
  ];
  const problems = rules.filter(([holds]) => !holds).map(([, otherwise]) => otherwise);
  if (problems.length) throw new PlatformError(`environment "${name}" of platform "${platform.name}"`, problems);
}

/** A rule that a given value breaks as its owner, the schema, says. */
function invalid(
  what: string,
  schema: z.ZodType,
  value: string | undefined,
): readonly (readonly [holds: boolean, otherwise: string])[] {
  const issues = value === undefined ? [] : (schema.safeParse(value).error?.issues ?? []);
  return issues.map(({ message }) => [false, `${what}: got ${JSON.stringify(value)}; ${message}`]);
}

/** What must differ from the environment that it is like: paths in its entry, and values as TypeScript. */
function differences(platform: Platform, request: EnvironmentRequest): [path: string, value: string][] {
  const { name, like, cidr, hostname, context } = request;
  const { cluster, branch, application, path } = environmentOf(platform, like);
  const shares = cluster.kind === 'kubeconfig' && context === undefined;
  const texts: Readonly<Record<string, string | undefined>> = {
    'cluster.network.cidr': cidr,
    'cluster.network.address': cidr?.replace(/\d+\/.*$/, '10'),
    'cluster.context': context,
    'exposure.hostname': hostname,
    namespace: shares ? name : undefined,
    branch: branch || platform.tags === 'branch-sha' ? name : undefined,
    application: application?.endsWith(`-${like}`)
      ? `${application.slice(0, -like.length)}${name}`
      : application && `${application}-${name}`,
    path: path?.replace(`/${like}`, `/${name}`),
  };
  return [
    ...Object.entries(texts).flatMap(([key, text]): [string, string][] => (text ? [[key, forTypeScript(text)]] : [])),
    ...(cidr ? [['cluster.tunnelPort', nextTunnelPort(platform)] as [string, string]] : []),
  ];
}

/** One more than any other, as it is written in the platform's file: `16_445`. */
function nextTunnelPort({ environments }: Platform): string {
  const ports = Object.values(environments).map(({ cluster }) => (cluster.kind === 'k0s-vm' ? cluster.tunnelPort : 0));
  return String(Math.max(...ports) + 1).replace(/(\d{3})$/, '_$1');
}

/**
 * Replaces the names of one environment by those of another in the strings of a YAML file: what their descriptions say
 * differently, the names that the platform derives, the label `environment`, and folders.
 */
function rename(platform: Platform, after: Platform, { name, like }: EnvironmentRequest): (text: string) => string {
  const was = environmentOf(platform, like);
  const is = environmentOf(after, name);
  const named: readonly Renamed[] = [
    [namesOf(platform.name, like).prefix, namesOf(platform.name, name).prefix],
    [bucketOf(platform, like), bucketOf(after, name)],
    [applicationOf(platform, like), applicationOf(after, name)],
    ...(was.cluster.kind === 'hetzner-k3s' && is.cluster.kind === 'hetzner-k3s'
      ? [[was.cluster.name, is.cluster.name] as Renamed]
      : []),
  ].filter(([from, to]) => from !== to) as Renamed[];
  const [oldNamespace, newNamespace] = [namespaceOf(platform, like), namespaceOf(after, name)];
  return (text) =>
    mapStrings(text, (value, key) => {
      if (key === 'environment' && value === like) return name;
      if (key === 'namespace' && value === oldNamespace) return newNamespace;
      // A folder: `overlays/prod`.
      const [first = '', ...folders] = value.split('/');
      const moved = [first, ...folders.map((folder) => (folder === like ? name : folder))].join('/');
      return named.reduce((changed, [from, to]) => changed.replace(wholeWord(from), () => to), moved);
    });
}

/** The bucket of an environment's dumps, which begins with its project. */
function bucketOf(platform: Platform, env: string): string {
  return namesOf(platform.name, env).bucket(projectOf(platform), 'backups');
}

/** A name and the one that takes its place. */
type Renamed = readonly [from: string, to: string];

/** A name that is not a part of a longer word; a hyphen after it begins the name of a part, such as `-password`. */
function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![\\w-])${forRegExp(name)}(?!\\w)`, 'g');
}

/** An overlay with a placeholder for the tag of each own image, and no replicas. */
function withoutImages(tree: Tree, platform: Platform, env: string): void {
  const { path, branch } = repositoryOf(platform, env);
  const own = Object.entries(platform.services).filter(([, { image }]) => !isUpstream(image));
  const isBudget = (item: unknown) => typeof item === 'string' && item.endsWith('.poddisruptionbudget.yaml');
  const tag = `${branch}-${PLACEHOLDER_COMMIT}`;
  const tags = [...new Set(own.map(([, { image }]) => imageRepository(platform, image)))].map((image) => ({
    image,
    tag,
  }));
  tree.edit(`${path}/kustomization.yaml`, (text) =>
    own.reduce(
      (changed, [name]) => withReplicas(changed, name, 0),
      setImages(removeItems(text, ['resources'], isBudget), tags),
    ),
  );
}

function nextOf(platform: Platform, { name: env, like }: EnvironmentRequest, tree: Tree): string[] {
  const { cluster, delivery, state } = environmentOf(platform, env);
  const { branch } = repositoryOf(platform, env);
  const control = `platforms/${platform.name}/deploy-control.yaml`;
  const isVm = cluster.kind === 'k0s-vm';
  const deploy = (layers: readonly LayerId[]) => (layers.length > 0 ? [deployCommand(platform, env, layers)] : []);
  const layers = layersOf(platform, env);
  return [
    'UPDATE_GOLDENS=1 npx jest test/k8s test/stacks, and read the difference',
    ...(platform.tags === 'branch-sha'
      ? [
          'once its images are in the registry, write their tags to `images` of its overlay and take them out of `replicas`',
        ]
      : []),
    ...(branch === platform.repository.branch ? [] : [`push branch ${branch}, which it follows`]),
    ...(delivery.gate ? [`read in ${control} when it may be deployed to, which is when ${like} may`] : []),
    ...(cluster.kind === 'hetzner-k3s'
      ? configsOf(tree, platform, env).map((config) => `hetzner-k3s create --config ${config}`)
      : []),
    ...deploy(layers.filter((layer) => scopeOf(layer) === 'cloud')),
    ...secretsOf(platform, env).map(
      (secret) => `npm run secret -- set ${secret} --platform ${platform.name} --env ${env}`,
    ),
    ...(delivery.kind === 'push-apply' && state?.kind !== 'local'
      ? [`set the secrets of environment ${env} on GitHub; npm run platform -- --platform ${platform.name} lists them`]
      : []),
    ...(isVm ? [`npm run kubeconfig -- ${env} --platform ${platform.name}`] : []),
    ...deploy(layers.filter((layer) => scopeOf(layer) === 'cluster')),
  ];
}

/** The configuration of an environment's cluster: it is in the folder of the environment that CI applies, whoever delivers. */
function configsOf(tree: Tree, { name }: Platform, env: string): string[] {
  const files = tree.changes().map(({ path }) => path);
  return files.filter(
    (path) => path.startsWith(`k8s/${name}/`) && path.endsWith(`/${env}/cluster/cluster-config.yaml`),
  );
}

/** The files of Applications that an environment adds to those of the base. */
function ownApplications(tree: Tree, path: string): string[] {
  const { resources = [] } = parse(tree.read(`${path}/kustomization.yaml`)) as { resources?: string[] };
  return resources.filter((resource) => !resource.startsWith('../'));
}
