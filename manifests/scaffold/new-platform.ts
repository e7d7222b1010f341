import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isScalar, parseDocument, type Scalar } from 'yaml';
import { forRegExp } from '../../escape';
import { noun } from '../../platforms/schema/noun';
import { PlatformError } from '../../platforms/schema/problems';
import { platformFrom, sourceOf } from '../description';
import { assertDescribed } from './platform-source';
import type { Tree } from './tree';

/** Folders of a platform, by the folder that they are in. */
const FOLDERS = ['platforms', 'k8s'];

/** Decisions about disks of another platform: a copy has none. */
const NOT_COPIED = /\/restore\.json$/;

/**
 * Writes a platform as a copy of another one: description, trees, facts and the control file. Its Google project, registry and
 * repository stay those of the other one until somebody changes them.
 *
 * @returns what the owner has to do next, one line each
 * @throws {PlatformError} when the name is not valid, or the copy would not be. Nothing is saved then.
 */
export function newPlatform(tree: Tree, name: string, like: string): string[] {
  assertDescribed(tree, like);
  const issues = noun.safeParse(name).error?.issues ?? [];
  const problems = [
    ...issues.map(({ message }) => `name: got ${JSON.stringify(name)}; ${message}`),
    ...FOLDERS.filter((folder) => issues.length === 0 && tree.has(`${folder}/${name}`)).map(
      (folder) => `name: got "${name}"; ${folder}/${name} already exists; choose another name`,
    ),
  ];
  if (problems.length > 0) throw new PlatformError(`platform "${name}"`, problems);
  const platform = platformFrom(like, tree.read(sourceOf(like)));
  // Addresses that begin with the platform's name are somebody else's: they stay as they are.
  const address = new URL(platform.repository.url).pathname.slice(1);
  const kept = [platform.google.project, address, ...registryNames(platform.registry), platform.state]
    .flatMap((one) => (typeof one === 'string' ? [one] : 'bucket' in one ? [one.bucket] : []))
    .filter((one) => one.includes(like));
  for (const path of FOLDERS.flatMap((folder) => tree.files(`${folder}/${like}`)).filter(
    (one) => !NOT_COPIED.test(one),
  )) {
    const to = path
      .split('/')
      .map((part) => renamed(part, like, name, []))
      .join('/');
    tree.create(to, withIndices(to, renamed(readFileSync(join(tree.root, path), 'utf8'), like, name, kept), name));
  }
  platformFrom(name, tree.read(sourceOf(name)));
  return [
    `replace what is still ${like}'s in ${sourceOf(name)}: google, registry, repository, state, hostnames, contexts`,
    `npm run validate -- --platform ${name} --write`,
    'UPDATE_GOLDENS=1 npx jest test/k8s test/stacks, and read the difference',
    `npm run rehearse -- --platform ${name}`,
  ];
}

function registryNames(registry: object): string[] {
  return Object.values(registry).filter((value): value is string => typeof value === 'string');
}

/** A text with the name of a platform replaced where it is a word, or begins or ends one with hyphens. */
function renamed(text: string, like: string, name: string, kept: readonly string[]): string {
  // A variable, a user or a database of that name, `threads_db`, is part of the application, which keeps its names.
  const pattern = new RegExp([...kept.map(forRegExp), `(?<![\\w])${forRegExp(like)}(?![\\w])`].join('|'), 'g');
  return text.replace(pattern, (found) => (found === like ? name : found));
}

/**
 * Kustomize replaces the environment in `<platform>-<environment>-<secret>` by its place between hyphens, of which the name of
 * the platform has some.
 */
function withIndices(file: string, text: string, name: string): string {
  if (!file.endsWith('kustomization.yaml')) return text;
  const document = parseDocument(text);
  const { replacements = [] } = document.toJS() ?? {};
  const edits: { readonly range: readonly [number, number] }[] = [];
  for (const [index, { targets }] of replacements.entries())
    for (const [at, { select, options }] of targets.entries()) {
      if (select?.kind !== 'ExternalSecret' || options?.delimiter !== '-') continue;
      const node = document.getIn(['replacements', index, 'targets', at, 'options', 'index'], true);
      if (isScalar(node) && node.range) edits.push({ range: [(node as Scalar).range?.[0] ?? 0, node.range[1]] });
    }
  return edits
    .reverse()
    .reduce(
      (changed, { range: [start, end] }) => changed.slice(0, start) + name.split('-').length + changed.slice(end),
      text,
    );
}
