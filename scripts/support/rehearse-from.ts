import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withWorktree } from '../../delivery/git/worktree';
import { EXIT_CODES, UsageError } from '../../errors';
import { loadPlatform } from '../../platforms/load';
import { layersOf } from '../../platforms/schema/environment';
import { sideFrom } from '../../rehearsal/change/base';
import { type ChangeReport, changeText, resultOf, verdictOf } from '../../rehearsal/change/change-report';
import { applyChange, buildBase, recoverBase } from '../../rehearsal/change/rehearse-change';
import { groundFolder } from '../../rehearsal/ground';
import { synthesise } from '../../stacks/app';
import { overlaysBetween } from './overlays';

/** What is rehearsed. */
interface ChangeRehearsal {
  readonly platform: string;
  readonly env: string;
  /** The base: a branch, a tag or a commit. */
  readonly from: string;
  /** Folder for change.json. */
  readonly folder: string;
  readonly directory?: string | undefined;
  readonly json?: true | undefined;
}

const CODES = { passes: EXIT_CODES.done, refused: EXIT_CODES.refused, breaks: EXIT_CODES.failed } as const;

/** Rehearses the change from a commit to this checkout, writes and prints the report. @returns the exit code */
export async function rehearseFrom(given: ChangeRehearsal, signal: AbortSignal): Promise<number> {
  const { platform: name, env, from, folder, json } = given;
  // A change that removes the environment is rehearsed, too.
  const described = loadPlatform(name);
  if (env in described.environments && layersOf(described, env).length === 0)
    throw new UsageError(
      `environment "${env}" of platform "${name}" has no layers that a change could be rehearsed on: CI applies its manifests; npm run rehearse -- --platform ${name} --env ${env} rehearses that`,
    );
  const directory = `${given.directory ?? groundFolder(name, env)}-change`;
  const progress = json ? 'silent' : process.stdout.isTTY ? 'live' : 'lines';
  const report = await withWorktree('.', from, async (tree): Promise<ChangeReport> => {
    const head = { platform: { ...described, restores: {} }, tree: '.', synthesise };
    const options = { progress, signal } as const;
    const built = await buildBase(sideFrom(tree, name), env, directory, options);
    const base = await recoverBase(built, options);
    return applyChange(base, head, from, { ...options, overlays: overlaysBetween(tree, name, env) });
  });
  writeFileSync(join(folder, 'change.json'), `${JSON.stringify(resultOf(report), null, 2)}\n`);
  console.log(json ? JSON.stringify(report, null, 2) : `\n${changeText(report)}\n\n${join(folder, 'change.json')}`);
  return CODES[verdictOf(report)];
}
