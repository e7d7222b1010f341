import type { Action } from './actions';
import type { Command } from './command';
import type { Expression } from './expression';

/**
 * A workflow of GitHub Actions, as far as ours use them. No job has a permission that it does not name.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
export interface Workflow {
  /** Shown in the Actions tab. */
  readonly name: string;
  readonly on: Triggers;
  /** Environment variables of every job. @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** @default - any number of runs at a time */
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, StepsJob | CallJob>>;
}

/** What starts a workflow. */
interface Triggers {
  readonly push?: { readonly branches: readonly string[]; readonly paths: readonly string[] };
  readonly pull_request?: { readonly branches: readonly string[] };
  /** Times in UTC, in the format of cron. */
  readonly schedule?: readonly { readonly cron: string }[];
  readonly workflow_dispatch?: { readonly inputs?: Readonly<Record<string, DispatchInput>> };
  /** A run of another workflow has ended. The job gets secrets, whoever started that run: it takes what that left as data only. */
  readonly workflow_run?: { readonly workflows: readonly string[]; readonly types: readonly ['completed'] };
  readonly workflow_call?: Interface;
}

/** What a person is asked for who starts a workflow. */
type DispatchInput = { readonly description: string; readonly required: boolean } & (
  | { readonly type: 'choice'; readonly options: readonly string[] }
  | { readonly type: 'string' }
);

/** What a reusable workflow is called with, and what it returns. */
export interface Interface {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly type: 'string'; readonly required: boolean }>
  >;
  readonly secrets?: Readonly<Record<string, { readonly required: boolean }>>;
  readonly outputs?: Readonly<Record<string, { readonly description: string; readonly value: Expression }>>;
}

/** Runs of one group wait for each other. */
interface Concurrency {
  readonly group: string;
  /** True to cancel a run that has started. Never for one that changes an environment. */
  readonly 'cancel-in-progress': boolean;
}

/** What the token of a job may do. @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions */
export type Permissions = Readonly<
  Partial<Record<'actions' | 'contents' | 'id-token' | 'issues' | 'packages' | 'pull-requests', 'read' | 'write'>>
>;

interface AnyJob {
  readonly name: string;
  /** Ids of the jobs that end before it starts. @default - none */
  readonly needs?: readonly string[];
  /** An expression without `${{ }}`. @default - the jobs that it needs have succeeded */
  readonly if?: string;
  readonly permissions: Permissions;
}

/** A job with steps. */
export interface StepsJob extends AnyJob {
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  /** Name of the GitHub environment, whose secrets and variables the job gets. @default - none */
  readonly environment?: string;
  readonly concurrency?: Concurrency;
  readonly outputs?: Readonly<Record<string, Expression>>;
  readonly steps: readonly Step[];
}

/** A job that is a reusable workflow. */
export interface CallJob extends AnyJob {
  /** Path or address of the workflow. */
  readonly uses: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, Expression>>;
}

interface AnyStep {
  readonly name: string;
  /** By which later steps read its outputs. @default - nothing reads them */
  readonly id?: string;
  /** An expression without `${{ }}`. @default - the steps before it have succeeded */
  readonly if?: string;
}

/** A step that is an action. */
interface ActionStep extends AnyStep {
  readonly uses: Action;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

/** A step that calls a command. Values reach it by environment variables, so that none becomes part of the script. */
export interface CommandStep extends AnyStep {
  readonly run: Command;
  readonly env?: Readonly<Record<string, string>>;
}

/** A step of a job. */
export type Step = ActionStep | CommandStep;
