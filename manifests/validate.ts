import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StrataError, UsageError } from '../errors';
import { repositoryOf } from '../platforms/schema/environment';
import { listed, PlatformError } from '../platforms/schema/problems';
import { readRestores } from '../platforms/schema/restore';
import { problemsOf } from './checks/all';
import { isActive } from './checks/described';
import { environmentsOf, platformsIn, readerOf } from './checks/environments';
import { type Environment, printProblem, type ValidationProblem } from './checks/problem';
import { objectsOf } from './checks/render';
import { checkFiles, checkReadable, type Files, leaves, ROOT, readTrees } from './checks/sources';
import { platformFrom, sourceOf, treesFrom } from './description';
import { deviations, hasHours, withDescription, withSchedules } from './follow';

/** What to validate. */
export interface Selection {
  /** @default - all platforms */
  readonly platform?: string;
  /** @default - all environments */
  readonly env?: string;
}

/**
 * Checks descriptions and trees against their schemas and against each other.
 *
 * @param root - folder with `platforms` and `k8s`. @default - this repository
 * @returns all problems, sorted by file; empty when everything is valid.
 */
export function validate(selection: Selection = {}, root = ROOT): ValidationProblem[] {
  const names = platformsIn(root).filter((name) => name === (selection.platform ?? name));
  const files = new Map(
    [...readTrees(root)].filter(([file]) => names.some((name) => isOf(file, name)) || isOf(file, 'components')),
  );
  const unreadable = checkReadable(files);
  if (unreadable.length > 0) return unreadable.map(({ file, wrong, fix }) => ({ file, rule: wrong, fix }));
  const found = [
    ...checkFiles(files).map(({ file, wrong, fix }) => ({ file, rule: wrong, fix })),
    ...names.flatMap((name) => ofPlatform(root, name, files, selection.env)),
  ];
  // A field is found in the source and again in each environment that it is rendered for.
  const byField = new Map(found.map((problem) => [keyOf(problem), problem]).reverse() as [string, ValidationProblem][]);
  return [...byField.values()].reverse().sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}

/** A value that is not as wanted is known by its file, its field without indices, and the value. */
function keyOf({ file, path, rule, fix }: ValidationProblem): string {
  const field = path
    ?.split(' ')
    .at(-1)
    ?.replace(/\[[^\]]*\]|\.\d+/g, '');
  return JSON.stringify(rule.startsWith('got ') ? [file, field, rule] : [file, path, rule, fix]);
}

function ofPlatform(root: string, name: string, files: Files, env?: string): ValidationProblem[] {
  return attempt(sourceOf(name), () => {
    const description = platformFrom(name, readFileSync(join(root, sourceOf(name)), 'utf8'));
    const trees = treesFrom(root, name);
    const deployments = environmentsOf(root, name);
    const chosen = Object.keys(description.environments).filter((one) => one === (env ?? one));
    const restores = `platforms/${name}/restore.json`;
    return [
      ...attempt(restores, () => {
        readRestores(join(root, restores), description);
        return [];
      }),
      ...misnamed(name, description.name),
      ...inactive(deployments, chosen),
      ...orphans(name, files, deployments),
      ...deviations(files, deployments),
      ...chosen.flatMap((one) =>
        (trees.problems?.(description, one, readerOf(root, description)) ?? []).map(({ file, wrong, fix }) => ({
          file,
          rule: wrong,
          fix,
        })),
      ),
      ...deployments.filter((one) => chosen.includes(one.env)).flatMap(ofDeployment),
    ];
  });
}

function misnamed(folder: string, name: string): ValidationProblem[] {
  if (folder === name) return [];
  const fix = `use "${folder}", the name of its folder, or rename the folder`;
  return [{ file: sourceOf(folder), path: 'name', value: name, rule: `got "${name}"`, fix }];
}

/** What commands do first. @throws {UsageError} with the problems; `npm run validate` prints all of them, however many. */
export function assertValid(selection: Selection): void {
  const problems = validate(selection).map(printProblem);
  if (problems.length === 0) return;
  const lines = listed(problems).map((one) => `  ${one}`);
  throw new UsageError(`platform "${selection.platform}" is not valid:\n${lines.join('\n')}`);
}

/**
 * Makes the trees follow their descriptions where these decide: project, registry, repository, branch, buckets, and schedules
 * in the hours in which a VM sleeps. Every other byte stays.
 *
 * @returns changed files with their new content; nothing is saved.
 * @throws {UsageError} when a description is not valid.
 */
export function followDescriptions({ platform }: Pick<Selection, 'platform'> = {}, root = ROOT): Map<string, string> {
  const files = readTrees(root);
  const changed = new Map<string, string>();
  for (const name of platformsIn(root).filter((one) => one === (platform ?? one))) {
    const deployments = environmentsOf(root, name);
    for (const [file, text] of withDescription(files, deployments)) changed.set(file, text);
    for (const one of deployments.filter((each) => hasHours(each) && isComplete(each)))
      for (const [file, text] of withSchedules(new Map([...files, ...changed]), objectsOf(one), one))
        changed.set(file, text);
  }
  return changed;
}

/** Environments whose folder in the repository is none of those that they are made of. */
function inactive(deployments: readonly Environment[], chosen: readonly string[]): ValidationProblem[] {
  return chosen.flatMap((env) => {
    const own = deployments.filter((one) => one.env === env);
    const [first] = own;
    if (!first || own.some(isActive)) return [];
    const { path } = repositoryOf(first.description, env);
    const known = own.map(({ platform, overlays }) => `k8s/${platform}/${overlays[0]}`);
    const at = first.description.environments[env]?.path === undefined ? 'repository.path' : `environments.${env}.path`;
    const fix = `use ${known.join(' or ')}, or describe the folder in platforms/${first.platform}/trees.ts`;
    return [{ file: sourceOf(first.platform), path: at, value: path, rule: `got "${path}"`, fix }];
  });
}

/** Overlays that no environment is made of are never checked or applied. */
function orphans(name: string, files: Files, deployments: readonly Environment[]): ValidationProblem[] {
  const used = new Set(deployments.flatMap(({ overlays }) => overlays.map((overlay) => `k8s/${name}/${overlay}`)));
  return leaves(files, used)
    .filter((folder) => isOf(folder, name))
    .map((folder) => ({
      file: `${folder}/kustomization.yaml`,
      rule: 'no environment is made of this overlay',
      fix: `add it in platforms/${name}/trees.ts, or delete it`,
    }));
}

function isComplete(environment: Environment): boolean {
  return missingIn(environment).length === 0;
}

function missingIn({ root, platform, overlays }: Environment): string[] {
  return overlays.filter((overlay) => !existsSync(join(root, 'k8s', platform, overlay, 'kustomization.yaml')));
}

function ofDeployment(environment: Environment): ValidationProblem[] {
  const { platform, overlays } = environment;
  const missing = missingIn(environment);
  if (missing.length > 0)
    return missing.map((overlay) => ({
      file: `k8s/${platform}/${overlay}/kustomization.yaml`,
      rule: `the file does not exist, and environment "${environment.env}" is made of it`,
      fix: 'create it, or remove the environment',
    }));
  return attempt(`k8s/${platform}/${overlays[0]}/kustomization.yaml`, () =>
    problemsOf(objectsOf(environment), environment),
  );
}

/** Problems of a part; that it cannot be read or built is one too. */
function attempt(file: string, check: () => ValidationProblem[]): ValidationProblem[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof PlatformError) return problemsFrom(file, error);
    if (!(error instanceof StrataError)) throw error;
    const [rule = '', fix = ''] = error.message.split(/; (?=[^;]*$)/);
    // The message names its file where that is known.
    const [, own, text] = /^(\S+\.\w+): (.*)$/s.exec(rule) ?? [];
    return [{ file: own ?? file, rule: text ?? rule, fix }];
  }
}

/** The problems of a description, each with its parts. */
export function problemsFrom(file: string, { problems }: PlatformError): ValidationProblem[] {
  return problems.map((problem) => problemFrom(file, problem));
}

/** Splits `path: got value; what to do`. */
function problemFrom(file: string, problem: string): ValidationProblem {
  const [, path, rule, value, fix] = /^([^\s:]+): (got (.*?)|missing|unknown key .*?); (.*)$/s.exec(problem) ?? [];
  if (!path || !rule || !fix) {
    const [all = '', rest = 'correct it'] = problem.split(/; (?=[^;]*$)/);
    return { file, rule: all, fix: rest };
  }
  return { file, path, ...(value !== undefined && { value: parsed(value) }), rule, fix };
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isOf(path: string, folder: string): boolean {
  return path.startsWith(`k8s/${folder}/`);
}
