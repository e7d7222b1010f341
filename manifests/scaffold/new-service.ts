import { imageRepository, type Platform } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { noun } from '../../platforms/schema/noun';
import { PlatformError } from '../../platforms/schema/problems';
import { isUpstream } from '../../platforms/schema/registry';
import { platformFrom, sourceOf } from '../description';
import { addService } from './control-file';
import type { Layout, NewService } from './layouts/layout';
import { techtorque } from './layouts/techtorque';
import { threads } from './layouts/threads';
import { todoPlatform } from './layouts/todo-platform';
import { disruptionBudgetOf } from './manifests';
import { addEntry, assertDescribed, literal } from './platform-source';
import { PLACEHOLDER_COMMIT, withReplicas } from './replicas';
import type { Tree } from './tree';
import { insertItem, type Place } from './yaml-list';

/** The trees that we know how to add to, by platform. */
const LAYOUTS: Readonly<Record<string, Layout>> = { threads, 'todo-platform': todoPlatform, techtorque };

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
  const layout = layoutOf(tree, platform, request);
  const { name, image = name, port, database = false, health, commit, replicas = 1 } = request;
  const order = orderOf(platform, name);
  const waits = !commit && !hasTag(tree, platform, image);
  const service: NewService = { platform, name, image, port, database, health, neighbour: order.neighbour };
  const entry = literal(layout.entry(service));
  tree.edit(source, (text) => addEntry(platformName, text, 'services', name, entry, order.after));
  layout.write(tree, service);
  addService(tree, platformName, name, order.neighbour.beside);
  for (const [index, env] of Object.keys(platform.environments).entries()) {
    layout.writeOverlay?.(tree, service, env);
    tree.edit(layout.overlay(service, env), (text) => withImage(text, service, tagOf(platform, env, commit)));
    if (waits) tree.edit(layout.overlay(service, env), (text) => withReplicas(text, name, 0));
    else if (index === 0 && replicas > 1) protect(tree, layout, service, env, replicas);
  }
  // Throws where the platform is not valid with it.
  platformFrom(platformName, tree.read(source));
  return nextOf(service, layout, waits);
}

function layoutOf(tree: Tree, platform: Platform, request: ServiceRequest): Layout {
  const { name, image = name, port, health = '/', commit, replicas = 1 } = request;
  const layout = LAYOUTS[platform.name];
  const isCommit =
    commit === undefined ||
    (/^([0-9a-f]{7}|[0-9a-f]{40})$/.test(commit) &&
      !/^0+$/.test(commit) &&
      (platform.tags !== 'sha40' || commit.length === 40));
  const rules: readonly (readonly [holds: boolean, otherwise: string])[] = [
    [
      platform.registry.kind !== 'upstream',
      'the platform has no images of its own, its registry is "upstream"; add a workload of an upstream image by hand',
    ],
    [
      layout !== undefined || platform.registry.kind === 'upstream',
      `the layout of its tree is not known; known are ${Object.keys(LAYOUTS).join(', ')}`,
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
      `image: got "${image}"; name an image of our own, such as "${name}": an upstream one needs a user, volumes and probes of its own`,
    ],
    [
      isUpstream(image) || image === name || noun.safeParse(image).success,
      `image: got "${image}"; name an image of our own, such as "${name}", without tag`,
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
  if (layout && problems.length === 0) return layout;
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
    .some((path) => tree.has(path) && tree.read(path).includes(`name: ${imageRepository(platform, image)}\n`));
}

/** Where the service stands: by the alphabet where the others do, otherwise after the last of our own. */
function orderOf({ services }: Platform, name: string): { after: string | null; neighbour: Place } {
  const own = Object.keys(services).filter((one) => !isUpstream(services[one]?.image ?? ''));
  const isSorted = own.join() === [...own].sort().join() && own.length > 2;
  const before = isSorted ? own.filter((one) => one < name).at(-1) : own.at(-1);
  return before === undefined
    ? { after: null, neighbour: { beside: own[0] ?? '', before: true } }
    : { after: before, neighbour: { beside: before } };
}

/** The tag in an environment, by the platform's scheme. */
function tagOf(platform: Platform, env: string, commit = PLACEHOLDER_COMMIT): string {
  const short = commit.slice(0, PLACEHOLDER_COMMIT.length);
  if (platform.tags === 'branch-sha') return `${repositoryOf(platform, env).branch}-${short}`;
  return platform.tags === 'sha40' ? commit : short;
}

function withImage(text: string, { platform, image, neighbour }: NewService, tag: string): string {
  const name = imageRepository(platform, image);
  // What is written for one service alone has its entry.
  if (text.includes(`name: ${name}\n`)) return text.replace('newTag: TAG', `newTag: ${tagText(tag)}`);
  const other = imageRepository(platform, platform.services[neighbour.beside]?.image ?? '');
  return insertItem(text, ['images'], `name: ${name}\n  newTag: ${tagText(tag)}`, { ...neighbour, beside: other });
}

/** A tag of digits alone would be a number. */
function tagText(tag: string): string {
  return /^[\d.]+(e\d+)?$/.test(tag) ? `"${tag}"` : tag;
}

/** Several replicas, and a budget that keeps some of them. */
function protect(tree: Tree, layout: Layout, service: NewService, env: string, replicas: number): void {
  const overlay = layout.overlay(service, env);
  const file = `${service.name}.poddisruptionbudget.yaml`;
  tree.create(overlay.replace('kustomization.yaml', file), disruptionBudgetOf(layout.manifest(service)));
  tree.edit(overlay, (text) => withReplicas(insertItem(text, ['resources'], file), service.name, replicas));
}

function nextOf(service: NewService, layout: Layout, waits: boolean): string[] {
  const { name } = service;
  const first = `once an image is in the registry, write its tag to \`images\` of each overlay and take ${name} out of \`replicas\``;
  return [
    ...layout.next(service),
    ...(waits ? [first] : []),
    'UPDATE_GOLDENS=1 npx jest test/k8s/trees test/k8s/threads, and read the difference',
  ];
}
