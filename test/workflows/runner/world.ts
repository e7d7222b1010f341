import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Platform } from '../../../platforms/schema/define-platform';
import { githubSettings } from '../../../platforms/schema/github-settings';
import { FALSE_TOKEN } from '../../../sandbox/environment';
import type { Sandbox } from '../../../sandbox/sandbox';
import { writeGh } from './actions';
import { type Event, type JobResult, WorkflowRunner } from './runner';

const ROOT = join(__dirname, '../../..');

/** What a runner does not have: it gets credentials by secrets, by authenticating, and from the cluster only. */
const NOT_ON_A_RUNNER = [
  'GOOGLE_OAUTH_ACCESS_TOKEN',
  'SLACK_BOT_TOKEN',
  'KUBECONFIG',
  'DOCKER_CONFIG',
  'CLOUDSDK_CONFIG',
];

/** A mistake: the file that has it, what is replaced, and by what. */
export type Mistake = readonly [file: string, from: string, to: string];

/** Where the workflows of a platform run. */
export interface World {
  readonly sandbox: Sandbox;
  readonly platform: Platform;
  /** Folder of the platform's workflows. */
  readonly workflows: string;
  /** A temporary folder. */
  readonly folder: string;
  /** Values of settings that must be real. @default - a word for each */
  readonly values?: Readonly<Record<string, string>>;
  /** Variables that the machine has. @default - none */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a workflow of a platform in its sandbox, with every setting that the platform lists and no other. */
export async function runWorkflow(
  world: World,
  file: string,
  event: Event,
  mistake?: Mistake,
): Promise<Record<string, JobResult>> {
  const { sandbox, platform, workflows, folder } = world;
  const machine = { ...sandbox.env, ...world.env };
  for (const name of NOT_ON_A_RUNNER) delete machine[name];
  const read = (uses: string) => {
    const path = uses === file ? file : join(workflows, basename(uses).replace(/@.*$/, ''));
    const text = readFileSync(join(ROOT, path), 'utf8');
    if (!mistake || basename(path) !== mistake[0]) return text;
    const [, from, to] = mistake;
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    return text.replace(from, to);
  };
  const googleToken = sandbox.env['GOOGLE_OAUTH_ACCESS_TOKEN'] ?? '';
  const written = join(folder, 'secrets');
  writeGh(join(folder, 'bin'), written, String(settings('')['INFRA_DEPLOY_TOKEN']));
  const runner = await WorkflowRunner.open({ read, env: machine, settings, googleToken, folder });
  return runner.run(file, event);

  function settings(environment: string): Record<string, string> {
    const known: Readonly<Record<string, string>> = { SLACK_BOT_TOKEN: FALSE_TOKEN, ...world.values };
    const listed = githubSettings(platform)
      .filter(({ env = '' }) => env === environment)
      .map(({ name }) => [name, known[name] ?? `value-of-${name}${environment && `-in-${environment}`}`]);
    return { ...Object.fromEntries(listed), ...(environment && secretsIn(join(written, environment))) };
  }
}

/** The secrets that a run has written, by name. */
function secretsIn(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** A deploy key, as GitHub holds its private half. */
export function newDeployKey(folder: string): string {
  const file = join(folder, 'deploy-key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  return readFileSync(file, 'utf8');
}

/** How each job and each of its steps has ended, in short lines such as `ship / Ship the service: failure`. */
export function outcomes(jobs: Readonly<Record<string, JobResult>>, under = ''): string[] {
  return Object.entries(jobs).flatMap(([id, { result, steps, jobs: inner }]) => [
    `${under}${id}: ${result}`,
    ...(inner
      ? outcomes(inner, `${under}${id} / `)
      : steps
          .filter(({ outcome }) => outcome === 'failure')
          .map(({ name, outcome }) => `${under}${id} / ${name}: ${outcome}`)),
  ]);
}

/** What the steps that failed have printed. */
export function failures(jobs: Readonly<Record<string, JobResult>>): string {
  return Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .filter(({ outcome }) => outcome === 'failure')
    .map(({ name, output }) => `${name}: ${output.trim()}`)
    .join('\n');
}
