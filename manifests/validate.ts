import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StrataError } from '../errors';
import { PlatformError } from '../platforms/schema/problems';
import { readRestores } from '../platforms/schema/restore';
import { problemsOf } from './checks/all';
import { environmentsOf, platformsIn, readerOf } from './checks/environments';
import { type Environment, printProblem, type ValidationProblem } from './checks/problem';
import { objectsOf } from './checks/render';
import { checkFiles, type Files, leaves, ROOT, readTrees } from './checks/sources';
import { platformFrom, sourceOf, treesFrom } from './description';

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
  const found = [
    ...checkFiles(files).map(({ file, wrong, fix }) => ({ file, rule: wrong, fix })),
    ...names.flatMap((name) => ofPlatform(root, name, files, selection.env)),
  ];
  const byText = new Map(found.map((problem) => [printProblem(problem), problem]));
  return [...byText.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
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
      ...orphans(name, files, deployments),
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

/** Overlays that no environment is made of are never checked, and nobody applies them. */
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

function ofDeployment(environment: Environment): ValidationProblem[] {
  const { root, platform, overlays } = environment;
  const missing = overlays.filter((overlay) => !existsSync(join(root, 'k8s', platform, overlay, 'kustomization.yaml')));
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
    return [{ file, rule, fix }];
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
