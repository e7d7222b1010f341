import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { forTypeScript } from '../../escape';
import { imageRepository, type Platform } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { noun } from '../../platforms/schema/noun';
import { PlatformError } from '../../platforms/schema/problems';
import { isUpstream } from '../../platforms/schema/registry';
import type { Change, ListPlace, NewService, Scaffold } from '../../platforms/schema/scaffold';
import { disruptionBudgetObject } from '../../platforms/schema/service-objects';
import type { TreeReader } from '../../platforms/schema/trees';
import { platformFrom, scaffoldFrom, sourceOf } from '../description';
import { insertItem } from '../yaml-edit';
import { addService } from './control-file';
import { addEntry, addSecret, assertDescribed } from './platform-source';
import { PLACEHOLDER_COMMIT, withReplicas } from './replicas';
import type { Tree } from './tree';

/** More are a mistake: a small cluster has no room for them. */
const MOST_REPLICAS = 20;

/** What is asked of `newService`. */
export interface ServiceRequest {
  readonly name: string;
  readonly port: number;
  /** Name of its image. @default - the service's */
  readonly image?: string;
  /** Whether it uses the platform's database. @default false */
  readonly database?: boolean;
  /** Path that says whether it is alive. @default - what is usual on the platform */
  readonly health?: string;
  /**
   * Commit of an image that is in the registry: all 40 characters, or 7 where that is the platform's tag scheme.
   *
   * @default - none yet: the service waits without replicas
   */
  readonly commit?: string;
  /** Replicas in the first environment; more than one bring a disruption budget. Needs `commit`. @default 1 */
  readonly replicas?: number;
}

/**
 * Writes a service into a platform's tree and file.
 *
 * @returns what the owner has to do next, one line each
 * @throws {PlatformError} when it is there already, or when the platform would not be valid with it. Nothing is saved then.
 */
export function newService(tree: Tree, platformName: string, request: ServiceRequest): string[] {
  const source = sourceOf(platformName);
  assertDescribed(tree, platformName);
  const platform = platformFrom(platformName, tree.read(source));
  const scaffold = scaffoldOf(tree, platform, request);
  const { name, image = name, port, database = false, health, commit, replicas = 1 } = request;
  const order = orderOf(platform, name);
  const waits = !commit && !hasTag(tree, platform, image);
  const service: NewService = { platform, name, image, port, database, health, neighbour: order.neighbour };
  const entry = forTypeScript(scaffold.entry(service));
  const reader = readerOf(tree, platformName);
  tree.edit(source, (text) => addEntry(platformName, text, 'services', name, entry, order.after));
  for (const secret of scaffold.secrets?.(service) ?? [])
    tree.edit(source, (text) => addSecret(platformName, text, secret));
  write(tree, scaffold.service(service, reader));
  addService(tree, platformName, name, order.neighbour.item);
  for (const [index, env] of Object.keys(platform.environments).entries()) {
    const tag = tagOf(platform, env, commit);
    write(tree, scaffold.environment?.(service, env, tag, reader) ?? []);
    tree.edit(scaffold.overlay(service, env), (text) => withImage(text, service, tag));
    if (waits) tree.edit(scaffold.overlay(service, env), (text) => withReplicas(text, name, 0));
    else if (index === 0 && replicas > 1) protect(tree, scaffold, service, env, replicas);
  }
  // Throws where the platform is not valid with it.
  platformFrom(platformName, tree.read(source));
  return nextOf(service, scaffold, waits);
}

/** Makes the changes of a scaffold. Later ones read what earlier ones have written. */
function write(tree: Tree, changes: readonly Change[]): void {
  for (const change of changes) {
    if ('create' in change) tree.create(change.file, textOf(change.create));
    else if ('edit' in change) tree.edit(change.file, change.edit);
    else tree.edit(change.file, (text) => insertItem(text, change.into, change.insert, change.place));
  }
}

function textOf(content: object | string): string {
  return typeof content === 'string' ? content : stringify(content, { lineWidth: 0 });
}

/** Reads a platform's tree with the changes that are not saved yet. */
function readerOf(tree: Tree, platform: string): TreeReader {
  const at = (path: string) => `k8s/${platform}/${path}`;
  return { folders: (path) => tree.folders(at(path)), read: (path) => tree.read(at(path)) };
}

function scaffoldOf(tree: Tree, platform: Platform, request: ServiceRequest): Scaffold {
  const { name, image = name, port, health = '/', commit, replicas = 1 } = request;
  const scaffold = scaffoldFrom(tree.root, platform.name);
  const isCommit =
    commit === undefined ||
    (/^([0-9a-f]{7}|[0-9a-f]{40})$/.test(commit) &&
      !/^0+$/.test(commit) &&
      (platform.tags !== 'sha40' || commit.length === 40));
  const rules: readonly (readonly [holds: boolean, otherwise: string])[] = [
    [
      platform.registry.kind !== 'upstream',
      'the platform has no own images, since its registry is "upstream"; add a workload with an upstream image by hand',
    ],
    [
      scaffold !== undefined || platform.registry.kind === 'upstream',
      `platforms/${platform.name}/scaffold.ts does not exist; write it, or add the service by hand`,
    ],
    ...(noun.safeParse(name).error?.issues ?? []).map(
      ({ message }) => [false, `name: got ${JSON.stringify(name)}; ${message}`] as const,
    ),
    [
      !Object.hasOwn(platform.services, name),
      `name: got "${name}"; it already exists in ${sourceOf(platform.name)}; choose another name`,
    ],
    [
      Object.hasOwn(platform.services, name) || !isTaken(tree, platform, name),
      `name: got "${name}"; the trees already have objects of that name; choose another name`,
    ],
    [Number.isInteger(port) && port > 0 && port < 65_536, `port: got ${port}; give a whole number from 1 to 65535`],
    [
      !isUpstream(image),
      `image: got "${image}"; use an own image, such as "${name}": an upstream image needs specific users, volumes and probes`,
    ],
    [
      isUpstream(image) || image === name || noun.safeParse(image).success,
      `image: got "${image}"; use an own image, such as "${name}", without a tag`,
    ],
    [/^\/[\w./-]*$/.test(health), `health: got "${health}"; give a path such as "/health"`],
    [
      isCommit,
      platform.tags === 'sha40'
        ? `commit: got "${commit}"; give all 40 characters of a commit: they are the platform's tags`
        : `commit: got "${commit}"; give a commit: its first 7 characters, such as 4f2a91c, or all 40`,
    ],
    [
      Number.isInteger(replicas) && replicas > 0 && replicas <= MOST_REPLICAS,
      `replicas: got ${replicas}; give a whole number from 1 to ${MOST_REPLICAS}`,
    ],
    [
      commit === undefined || !hasTag(tree, platform, image),
      `commit: got "${commit}"; image "${image}" has a tag in each overlay, leave it out`,
    ],
    [
      replicas <= 1 || commit !== undefined || hasTag(tree, platform, image),
      `replicas: got ${replicas}; a service without an image has none, add the --commit that one was built from`,
    ],
  ];
  const problems = rules.filter(([holds]) => !holds).map(([, otherwise]) => otherwise);
  if (scaffold && problems.length === 0) return scaffold;
  throw new PlatformError(`service "${name}" of platform "${platform.name}"`, problems);
}

/** Whether the platform's trees, or the components that all share, have a file of an object of that name. */
function isTaken(tree: Tree, { name: platform }: Platform, name: string): boolean {
  return [...tree.files(`k8s/${platform}`), ...tree.files('k8s/components')].some(
    (path) => path.split('/').at(-1)?.split('.')[0] === name && /\.[a-z]+\.yaml$/.test(path),
  );
}

/** True where one overlay serves the whole environment, and another service has given the image a tag in it. */
function hasTag(tree: Tree, platform: Platform, image: string): boolean {
  return Object.keys(platform.environments)
    .map((env) => `${repositoryOf(platform, env).path}/kustomization.yaml`)
    .some((path) => tree.has(path) && imagesIn(tree.read(path)).includes(imageRepository(platform, image)));
}

/** Position of the service: in alphabetical order if the others are, otherwise after the last own one. */
function orderOf({ services }: Platform, name: string): { after: string | null; neighbour: ListPlace } {
  const own = Object.keys(services).filter((one) => !isUpstream(services[one]?.image ?? ''));
  const isSorted = own.join() === [...own].sort().join() && own.length > 2;
  const before = isSorted ? own.filter((one) => one < name).at(-1) : own.at(-1);
  return before === undefined
    ? { after: null, neighbour: { item: own[0] ?? '', before: true } }
    : { after: before, neighbour: { item: before } };
}

/** The tag in an environment, by the platform's scheme. */
function tagOf(platform: Platform, env: string, commit = PLACEHOLDER_COMMIT): string {
  const short = commit.slice(0, PLACEHOLDER_COMMIT.length);
  if (platform.tags === 'branch-sha') return `${repositoryOf(platform, env).branch}-${short}`;
  return platform.tags === 'sha40' ? commit : short;
}

function withImage(text: string, { platform, image, neighbour }: NewService, tag: string): string {
  const name = imageRepository(platform, image);
  if (imagesIn(text).includes(name)) return text;
  const other = imageRepository(platform, platform.services[neighbour.item]?.image ?? '');
  return insertItem(text, ['images'], { name, newTag: tag }, { ...neighbour, item: other });
}

/** Names of the images that a kustomization has entries for. */
function imagesIn(kustomization: string): string[] {
  const { images = [] } = parse(kustomization) as { readonly images?: readonly { readonly name: string }[] };
  return images.map(({ name }) => name);
}

/** Several replicas, and a budget that keeps some of them. */
function protect(tree: Tree, scaffold: Scaffold, service: NewService, env: string, replicas: number): void {
  const overlay = scaffold.overlay(service, env);
  const file = `${service.name}.poddisruptionbudget.yaml`;
  tree.create(join(dirname(overlay), file), textOf(disruptionBudgetObject(scaffold.objects(service))));
  tree.edit(overlay, (text) => withReplicas(insertItem(text, ['resources'], file), service.name, replicas));
}

function nextOf(service: NewService, scaffold: Scaffold, waits: boolean): string[] {
  const { name } = service;
  const first = `once an image is in the registry, write its tag to \`images\` of each overlay and take ${name} out of \`replicas\``;
  return [
    ...scaffold.next(service),
    ...(waits ? [first] : []),
    'UPDATE_GOLDENS=1 npx jest test/k8s, and read the difference',
  ];
}
