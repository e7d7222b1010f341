import { dirname } from 'node:path';
import { isPair, isScalar, isSeq, type Scalar, visit } from 'yaml';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { applicationOf, projectOf, repositoryOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { sshOf } from './checks/described';
import type { Environment, ValidationProblem } from './checks/problem';
import { moved } from './checks/schedules';
import type { Files } from './checks/sources';
import { documentsIn, parse } from './documents';
import type { Json } from './json';
import { ownImageOf } from './own-image';
import { appendItem, inStyle, setScalar } from './yaml-edit';

/** A scalar in a file that the platform's description decides and that says something else. */
interface Place {
  readonly file: string;
  /** The object and its field. */
  readonly path: string;
  readonly got: string;
  readonly wanted: string;
  /** First byte and the one after the last. */
  readonly range: readonly [number, number];
  readonly style: Scalar['type'];
}

/** What the description wants at a field of a source file; undefined where it decides nothing. */
type Rule = (platform: Platform, env: string, field: Field) => string | undefined;

interface Field {
  readonly keys: readonly string[];
  readonly value: string;
  /** The document that it is in. */
  readonly root: Json;
  /** Addresses of the platform's repository before a change of it: what its Applications follow. */
  readonly followed: readonly string[];
}

const RULES: readonly Rule[] = [
  (platform, _env, { keys, value, root }) => {
    const [last, parent] = [keys.at(-1), keys.at(-3)];
    const isEntry = root?.kind === 'Kustomization' && parent === 'images' && (last === 'name' || last === 'newName');
    const isTarget = keys.at(-2) === 'kustomize' && last === 'name';
    return isEntry || isTarget || last === 'image' || last === 'imageName' ? ownImageOf(platform, value) : undefined;
  },
  at('SecretStore', 'spec.provider.gcpsm.projectID', projectOf),
  followed('spec.source.repoURL', (platform, env) => repositoryOf(platform, env).url),
  followed('spec.source.targetRevision', (platform, env) => repositoryOf(platform, env).branch),
  (platform, env, { keys, value, root, followed }) =>
    root?.kind === 'AppProject' && keys.at(-2) === 'sourceRepos' && followed.includes(value)
      ? repositoryOf(platform, env).url
      : undefined,
  at('Application', 'spec.source.helm.valuesObject.githubConfigUrl', (platform, env) =>
    dirname(repositoryOf(platform, env).url),
  ),
  at('ImageUpdater', 'spec.applicationRefs.0.namePattern', applicationOf),
  at('ImageUpdater', 'spec.writeBackConfig.gitConfig.repository', (platform, env) =>
    sshOf(repositoryOf(platform, env).url),
  ),
  at('ImageUpdater', 'spec.writeBackConfig.gitConfig.branch', (platform, env) => repositoryOf(platform, env).branch),
  (platform, env, { keys, value }) => {
    const isLiteral = keys.at(-2) === 'literals' && value.startsWith('BUCKET=');
    const { cluster, backup } = environmentOf(platform, env);
    if (cluster.kind !== 'k0s-vm' || !backup || !(isLiteral || keys.join('.') === 'data.BUCKET')) return undefined;
    return (isLiteral ? 'BUCKET=' : '') + namesOf(platform.name, env).bucket(projectOf(platform), 'backups');
  },
];

/** A rule for one field of a kind. */
function at(kind: string, path: string, wanted: (platform: Platform, env: string) => string): Rule {
  return (platform, env, { keys, root }) =>
    root?.kind === kind && keys.join('.') === path ? wanted(platform, env) : undefined;
}

/** A rule for one field of the Applications that follow the platform's own repository. */
function followed(path: string, wanted: (platform: Platform, env: string) => string): Rule {
  return (platform, env, { keys, root }) =>
    root?.kind === 'Application' && root.spec?.source?.path && keys.join('.') === path
      ? wanted(platform, env)
      : undefined;
}

/** The source files of a platform that differ from its description in what the description decides. */
export function deviations(files: Files, deployments: readonly Environment[]): ValidationProblem[] {
  return placesIn(files, deployments).map(({ file, path, got, wanted }) => ({
    file,
    path,
    value: got,
    rule: `got ${JSON.stringify(got)}`,
    fix: `use ${JSON.stringify(wanted)}, as the platform says, or run with --write`,
  }));
}

/**
 * Files as they follow the description: project, registry, repository, branch, buckets. Every other byte stays.
 *
 * @returns changed files only.
 */
export function withDescription(files: Files, deployments: readonly Environment[]): Map<string, string> {
  const changed = new Map<string, string>();
  // From the last place of a file to the first, so that ranges stay true.
  for (const { file, wanted, range, style } of placesIn(files, deployments).reverse()) {
    const text = changed.get(file) ?? files.get(file) ?? '';
    changed.set(file, text.slice(0, range[0]) + inStyle(wanted, style) + text.slice(range[1]));
  }
  return changed;
}

/** Whether the VM of an environment sleeps, so that schedules have to follow its hours. */
export function hasHours({ description, env }: Environment): boolean {
  const { cluster } = environmentOf(description, env);
  return cluster.kind === 'k0s-vm' && cluster.power !== undefined;
}

/** Overlays whose CronJobs would run while the VM sleeps, with patches that move them. */
export function withSchedules(files: Files, objects: readonly Json[], environment: Environment): Map<string, string> {
  const { description, env, platform, overlays } = environment;
  const { cluster } = environmentOf(description, env);
  const jobs = objects.filter(({ kind }) => kind === 'CronJob');
  const file = `k8s/${platform}/${overlays[0]}/kustomization.yaml`;
  const text = files.get(file);
  if (cluster.kind !== 'k0s-vm' || !cluster.power || text === undefined) return new Map();
  const wanted = moved(
    cluster.power,
    jobs.map(({ spec }) => spec),
  );
  const after = jobs.reduce((changed: string, { metadata, spec }, index) => {
    const { schedule } = wanted?.[index] ?? spec;
    return schedule === spec.schedule ? changed : withSchedule(changed, metadata.name, schedule);
  }, text);
  return after === text ? new Map() : new Map([[file, after]]);
}

/** A kustomization with a patch of the schedule of a CronJob. */
function withSchedule(text: string, job: string, schedule: string): string {
  const patch = `[{ "op": "replace", "path": "/spec/schedule", "value": ${JSON.stringify(schedule)} }]`;
  const patches: Json[] = parse(text)[0]?.patches ?? [];
  const index = patches.findIndex(
    ({ target, patch: own }) => target?.kind === 'CronJob' && target.name === job && own?.includes('/spec/schedule'),
  );
  if (index < 0) return appendItem(text, 'patches', { target: { kind: 'CronJob', name: job }, patch });
  return setScalar(text, ['patches', index, 'patch'], patch) ?? text;
}

function placesIn(files: Files, deployments: readonly Environment[]): Place[] {
  const [first] = deployments;
  if (!first) return [];
  const own = [...files].filter(([file]) => file.startsWith(`k8s/${first.platform}/`) && file.endsWith('.yaml'));
  const roots = own.flatMap(([, text]) => parse(text));
  const sources = roots
    .filter((root) => root?.kind === 'Application' && root.spec?.source?.path)
    .map(({ spec }) => spec.source.repoURL);
  return own.flatMap(([file, text]) =>
    placesOf(file, text, first.description, environmentsOf(file, deployments), sources),
  );
}

function placesOf(
  file: string,
  text: string,
  platform: Platform,
  envs: readonly string[],
  sources: readonly string[],
): Place[] {
  const roots = parse(text);
  return documentsIn(text).flatMap((document, index) => {
    const root = roots[index];
    const found: Place[] = [];
    visit(document, {
      Scalar: (key, node, ancestors) => {
        if (key === 'key' || typeof node.value !== 'string' || !node.range) return;
        const keys = keysOf([...ancestors, node]);
        const field = { keys, value: node.value, root, followed: sources };
        const wanted = new Set(
          envs.flatMap((env) => RULES.map((rule) => rule(platform, env, field)).find(Boolean) ?? []),
        );
        const [only] = wanted;
        // Environments that want different values need a patch each, which only their owner can decide on.
        if (only === undefined || wanted.size > 1 || only === node.value) return;
        const name = [root?.kind, root?.metadata?.namespace, root?.metadata?.name].filter(Boolean).join('/');
        const [start, end] = node.range;
        found.push({
          file,
          path: `${name} ${keys.join('.')}`,
          got: node.value,
          wanted: only,
          range: [start, end],
          style: node.type,
        });
      },
    });
    return found;
  });
}

/** The environments that a file is part of: that of its overlay, or all of them. */
function environmentsOf(file: string, deployments: readonly Environment[]): readonly string[] {
  const own = deployments.filter(({ platform, overlays }) =>
    overlays.some((overlay) => file.startsWith(`k8s/${platform}/${overlay}/`)),
  );
  const envs = new Set(own.map(({ env }) => env));
  return [...(envs.size === 1 ? envs : new Set(deployments.map(({ env }) => env)))];
}

/** Keys and indices that lead to the last of the nodes. */
function keysOf(nodes: readonly unknown[]): string[] {
  return nodes.flatMap((node, index) => {
    const next = nodes[index + 1];
    if (isSeq(node)) return [String(node.items.indexOf(next))];
    return isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [];
  });
}
