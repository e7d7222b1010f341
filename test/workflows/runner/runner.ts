import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { LoadedJob, LoadedStep, LoadedWorkflow } from '../loaded';
import { type StandIn, standIns, writeNpm } from './actions';
import { type Contexts, type Expressions, loadExpressions } from './expressions';

/** What starts a run. */
export interface Event {
  readonly name: 'push' | 'workflow_dispatch';
  /** Owner and name of the repository on GitHub. */
  readonly repository: string;
  readonly branch: string;
  readonly sha: string;
  /** What a person chose. @default - nothing */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Commit before a push. */
  readonly before?: string;
}

/** Where workflows run. */
export interface RunnerOptions {
  /** Reads the text of a workflow, by the value of `uses`. */
  readonly read: (uses: string) => string;
  /** The environment of the machine. */
  readonly env: NodeJS.ProcessEnv;
  /** Secrets and variables of a GitHub environment, or of the repository under `''`, as they are when a job starts. */
  readonly settings: (environment: string) => Readonly<Record<string, string>>;
  readonly googleToken: string;
  /** @default - temporary */
  readonly folder?: string;
}

/** How a step has ended. */
export interface StepResult {
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'skipped';
  readonly output: string;
  /** What it adds to the page of the run. */
  readonly summary: string;
}

/** How a job has ended. */
export interface JobResult {
  readonly result: 'success' | 'failure' | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepResult[];
  /** Jobs of the reusable workflow that it is. */
  readonly jobs?: Readonly<Record<string, JobResult>>;
}

/** Runs workflows step by step, as GitHub's runners do, with actions simulated. */
export class WorkflowRunner {
  private readonly folder: string;
  private readonly actions: Readonly<Record<string, StandIn>>;

  private constructor(
    private readonly options: RunnerOptions,
    private readonly expressions: Expressions,
  ) {
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'workflow-'));
    this.actions = standIns(options.googleToken);
    const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
    writeNpm(join(this.folder, 'bin'), join(__dirname, '../../..'), npm);
  }

  static async open(options: RunnerOptions): Promise<WorkflowRunner> {
    return new WorkflowRunner(options, await loadExpressions());
  }

  /** Runs a workflow that an event starts. @returns its jobs */
  run(workflow: string, event: Event): Promise<Record<string, JobResult>> {
    const [owner] = event.repository.split('/');
    const github = {
      event_name: event.name,
      repository: event.repository,
      repository_owner: owner ?? '',
      ref_name: event.branch,
      ref: `refs/heads/${event.branch}`,
      sha: event.sha,
      actor: 'jane',
      run_id: '42',
      server_url: 'https://github.com',
      token: 'token-of-the-workflow',
    };
    const all = { github, event: { before: event.before ?? '' } };
    return this.jobs(parse(this.options.read(workflow)) as LoadedWorkflow, all, event.inputs ?? {}, this.secretsOf(''));
  }

  private async jobs(
    workflow: LoadedWorkflow,
    started: Started,
    inputs: Readonly<Record<string, string>>,
    secrets: Readonly<Record<string, string>>,
  ): Promise<Record<string, JobResult>> {
    const results: Record<string, JobResult> = {};
    const waiting = new Map(Object.entries(workflow.jobs));
    while (waiting.size > 0) {
      const [id, job] = [...waiting].find(([, { needs = [] }]) => needs.every((name) => results[name])) ?? [];
      if (!id || !job)
        throw new Error(`jobs need each other, or one that does not exist: ${[...waiting.keys()].join(', ')}`);
      waiting.delete(id);
      const needed = ancestors(workflow, id).map((name) => results[name]?.result);
      const contexts = {
        github: { ...started.github, event: started.event },
        inputs,
        secrets,
        vars: this.options.settings(''),
        needs: Object.fromEntries((job.needs ?? []).map((name) => [name, results[name]])),
      };
      const status = { success: needed.every((one) => one === 'success'), failure: needed.includes('failure') };
      results[id] = this.expressions.holds(job.if, contexts, status)
        ? await this.job(workflow, job, started, contexts)
        : { result: 'skipped', outputs: {}, steps: [] };
    }
    return results;
  }

  private async job(
    workflow: LoadedWorkflow,
    job: LoadedJob,
    started: Started,
    contexts: JobContexts,
  ): Promise<JobResult> {
    if (job.uses === undefined) return this.steps(workflow, job, started, contexts);
    const called = parse(this.options.read(job.uses)) as LoadedWorkflow;
    const pass = (values: Readonly<Record<string, string>> = {}) =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, this.expressions.interpolate(String(value), contexts)]),
      );
    const declared = Object.fromEntries(Object.keys(called.on.workflow_call?.inputs ?? {}).map((name) => [name, '']));
    const jobs = await this.jobs(
      called,
      started,
      { ...declared, ...pass(job.with) },
      { ...pass(job.secrets), GITHUB_TOKEN: started.github['token'] ?? '' },
    );
    const failed = Object.values(jobs).some(({ result }) => result === 'failure');
    const outputs = Object.entries(called.on.workflow_call?.outputs ?? {}).map(([name, { value }]) => [
      name,
      this.expressions.interpolate(value, { ...contexts, jobs }),
    ]);
    return {
      result: failed ? 'failure' : 'success',
      outputs: Object.fromEntries(outputs),
      steps: Object.values(jobs).flatMap(({ steps }) => steps),
      jobs,
    };
  }

  private async steps(
    workflow: LoadedWorkflow,
    job: LoadedJob,
    started: Started,
    outer: JobContexts,
  ): Promise<JobResult> {
    const folder = mkdtempSync(join(this.folder, 'job-'));
    const workspace = join(folder, 'workspace');
    const home = join(folder, 'home');
    for (const one of [workspace, home]) mkdirSync(one);
    const environment = job.environment ? this.expressions.interpolate(job.environment, outer) : '';
    const declared = Object.keys(outer.secrets);
    const own = Object.entries(this.secretsOf(environment)).filter(([name]) => environment && declared.includes(name));
    const contexts = {
      ...outer,
      vars: { ...outer.vars, ...this.options.settings(environment) },
      // A secret of a GitHub environment replaces the one that the caller passes.
      secrets: { ...outer.secrets, ...Object.fromEntries(own) },
    };
    const env: Record<string, string | undefined> = {
      ...this.options.env,
      ...variablesOf(started.github),
      ...workflow.env,
      PATH: [join(this.folder, 'bin'), this.options.env['PATH']].join(delimiter),
      HOME: home,
      DOCKER_CONFIG: join(home, '.docker'),
      CLOUDSDK_CONFIG: join(home, '.config', 'gcloud'),
    };
    const steps: Record<string, { outputs: Record<string, string>; outcome: string }> = {};
    const results: StepResult[] = [];
    for (const [index, step] of (job.steps ?? []).entries()) {
      const failed = results.some(({ outcome }) => outcome === 'failure');
      const now: Contexts = { ...contexts, env, steps };
      const name = step.name ?? `step ${index}`;
      if (!this.expressions.holds(step.if, now, { success: !failed, failure: failed })) {
        results.push({ name, outcome: 'skipped', output: '', summary: '' });
        continue;
      }
      const ended = await this.step(step, job, { workspace, folder, env, github: started.github, contexts: now });
      Object.assign(env, ended.env);
      if (step.id) steps[step.id] = { outputs: ended.outputs, outcome: ended.outcome };
      results.push({
        name,
        outcome: ended.outcome,
        output: masked(ended.output, contexts.secrets, name),
        summary: masked(ended.summary, contexts.secrets, name),
      });
    }
    const result = results.some(({ outcome }) => outcome === 'failure') ? 'failure' : 'success';
    const outputs = Object.entries(job.outputs ?? {}).map(([name, value]) => [
      name,
      this.expressions.interpolate(value, { ...contexts, steps }),
    ]);
    return { result, outputs: Object.fromEntries(outputs), steps: results };
  }

  private async step(
    step: LoadedStep,
    job: LoadedJob,
    at: Place,
  ): Promise<Omit<StepResult, 'name'> & { outputs: Record<string, string>; env: Record<string, string> }> {
    const { workspace, folder, env, github, contexts } = at;
    const values = (all: Readonly<Record<string, unknown>> = {}) =>
      Object.fromEntries(
        Object.entries(all).map(([key, value]) => [key, this.expressions.interpolate(String(value), contexts)]),
      );
    if (step.uses !== undefined) {
      const standIn = this.actions[step.uses.split('@')[0] ?? ''];
      try {
        if (!standIn) throw new Error(`${step.uses} is not simulated`);
        const { outputs = {}, env: set = {} } = standIn({ inputs: values(step.with), job, workspace, env, github });
        return { outcome: 'success', output: '', summary: '', outputs: { ...outputs }, env: { ...set } };
      } catch (error) {
        return { outcome: 'failure', output: (error as Error).message, summary: '', outputs: {}, env: {} };
      }
    }
    const files = Object.fromEntries(
      ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'].map((name) => [
        name,
        join(folder, `${name}-${Math.random()}`),
      ]),
    );
    for (const file of Object.values(files)) writeFileSync(file, '');
    const script = join(folder, 'step.sh');
    writeFileSync(script, this.expressions.interpolate(step.run ?? '', contexts));
    const child = spawn('bash', ['-e', script], { cwd: workspace, env: { ...env, ...files, ...values(step.env) } });
    const closed = once(child, 'close');
    const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
    const [code] = (await closed) as [number | null];
    return {
      outcome: code === 0 ? 'success' : 'failure',
      output,
      summary: readFileSync(files['GITHUB_STEP_SUMMARY'] ?? '', 'utf8'),
      outputs: assignments(files['GITHUB_OUTPUT'] ?? ''),
      env: { ...assignments(files['GITHUB_ENV'] ?? ''), ...withFolders(files['GITHUB_PATH'] ?? '', env) },
    };
  }

  private secretsOf(environment: string): Readonly<Record<string, string>> {
    return {
      ...this.options.settings(environment),
      ...(environment === '' && { GITHUB_TOKEN: 'token-of-the-workflow' }),
    };
  }
}

interface Started {
  readonly github: Readonly<Record<string, string>>;
  readonly event: Readonly<Record<string, string>>;
}

type JobContexts = Contexts & {
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
};

interface Place {
  readonly workspace: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly github: Readonly<Record<string, string>>;
  readonly contexts: Contexts;
}

/** The jobs that a job needs, and those that these need. */
function ancestors({ jobs }: LoadedWorkflow, id: string): string[] {
  const needs = jobs[id]?.needs ?? [];
  return [...new Set([...needs, ...needs.flatMap((name) => ancestors({ jobs } as LoadedWorkflow, name))])];
}

/** Source: https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
function variablesOf(github: Readonly<Record<string, string>>): Record<string, string> {
  const { token: _, ...shown } = github;
  const named = Object.entries(shown).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]);
  return { ...Object.fromEntries(named), GITHUB_ACTIONS: 'true', CI: 'true' };
}

/** PATH with the folders that a step has added in front. */
function withFolders(file: string, { PATH = '' }: NodeJS.ProcessEnv): Record<string, string> {
  const added = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return added.length > 0 ? { PATH: [...added.reverse(), PATH].join(delimiter) } : {};
}

/** The lines `name=value` of a file. A name without a value is a mistake that GitHub reports too. */
function assignments(file: string): Record<string, string> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      if (!name) throw new Error(`Invalid format '${line}'`);
      return [name, value];
    }),
  );
}

/** @throws Error when a step has printed a secret, which GitHub can mask only as a whole. */
function masked(output: string, secrets: Readonly<Record<string, string>>, name: string): string {
  const printed = Object.entries(secrets).filter(([, value]) => value.length > 3 && output.includes(value));
  if (printed.length > 0) throw new Error(`step "${name}" prints ${printed.map(([secret]) => secret).join(', ')}`);
  return output;
}
