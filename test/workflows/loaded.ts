import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { Platform } from '../../platforms/schema/define-platform';
import { WORKFLOWS } from '../../workflows/callers/service';
import { workflowFiles } from '../../workflows/generate';
import { loadPlatforms } from './platforms';

/** A step as YAML has it. */
export interface LoadedStep {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'continue-on-error'?: boolean;
}

/** A job as YAML has it. */
export interface LoadedJob {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly LoadedStep[];
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A workflow as YAML has it. */
export interface LoadedWorkflow {
  readonly name: string;
  readonly on: {
    readonly push?: { readonly branches: readonly string[]; readonly paths: readonly string[] };
    readonly schedule?: readonly { readonly cron: string }[];
    readonly workflow_dispatch?: {
      readonly inputs?: Readonly<Record<string, { readonly options?: readonly string[] }>>;
    } | null;
    readonly workflow_call?: {
      readonly inputs?: Readonly<Record<string, { readonly required: boolean }>>;
      readonly secrets?: Readonly<Record<string, { readonly required: boolean }>>;
      readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
    };
    readonly [trigger: string]: unknown;
  };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, LoadedJob>>;
}

/** The file of a workflow, with all that it can refer to. */
export interface WorkflowFile {
  readonly path: string;
  readonly text: string;
  readonly workflow: LoadedWorkflow;
  readonly platform: Platform;
  /** Reusable workflows that it may call, by the value of `uses`. */
  readonly callable: ReadonlyMap<string, LoadedWorkflow>;
}

const ROOT = join(__dirname, '../..');

/** Every workflow that is checked in, as it is on disk. */
export function loadWorkflows(): WorkflowFile[] {
  return loadPlatforms().flatMap(({ platform, isDefault }) =>
    filesOf(
      platform,
      [...workflowFiles(platform, isDefault).keys()].map((path) => ({
        path,
        text: readFileSync(join(ROOT, path), 'utf8'),
      })),
    ),
  );
}

/** The workflows that a description would generate. */
export function generatedWorkflows(platform: Platform): WorkflowFile[] {
  return filesOf(
    platform,
    [...workflowFiles(platform, false)].map(([path, text]) => ({ path, text })),
  );
}

function filesOf(platform: Platform, texts: readonly { path: string; text: string }[]): WorkflowFile[] {
  const called = callable(texts, platform);
  return texts.map(({ path, text }) => ({ path, text, platform, workflow: parseWorkflow(text), callable: called }));
}

/** Another text of a file, such as one with a mistake. */
export function withText(file: WorkflowFile, text: string): WorkflowFile {
  return { ...file, text, workflow: parseWorkflow(text) };
}

function callable(
  texts: readonly { path: string; text: string }[],
  { repository }: Platform,
): Map<string, LoadedWorkflow> {
  const address = `${new URL(repository.url).pathname.slice(1).replace(/\.git$/, '')}/${WORKFLOWS}`;
  return new Map(
    texts.flatMap(({ path, text }) => {
      const workflow = parseWorkflow(text);
      const name = basename(path);
      if (!workflow.on.workflow_call) return [];
      return [
        [`./${WORKFLOWS}/${name}`, workflow],
        [`${address}/${name}@${repository.branch}`, workflow],
      ];
    }),
  );
}

function parseWorkflow(text: string): LoadedWorkflow {
  return parse(text) as LoadedWorkflow;
}
