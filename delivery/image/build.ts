import { join } from 'node:path';
import { run } from '../../clients/process';
import { FailedError, RefusedError } from '../../errors';
import type { TagScheme } from '../../platforms/schema/registry';
import { buildArguments } from './buildx';
import { type Checkout, readCheckout } from './checkout';
import type { OwnImage } from './own-images';
import { type Commit, tagOf } from './tag-scheme';

/** How to build an image. */
export interface BuildOptions {
  /** A checkout of the image's repository. */
  readonly folder: string;
  readonly tags: TagScheme;
  /** True to push it; false to only check that it can be built. */
  readonly push: boolean;
  /** True to scan it with Trivy, and fail on high and critical vulnerabilities that have a fix. @default false */
  readonly scan?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Interrupts the build. */
  readonly signal?: AbortSignal;
  /** Called with every piece of output of the build. */
  readonly onOutput?: (text: string) => void;
}

/** A planned build. */
export interface PlannedBuild {
  readonly commit: Commit;
  readonly tag: string;
  /** The commands, in order; the first word of each is its program. */
  readonly commands: readonly { readonly cwd: string; readonly words: readonly string[] }[];
}

/**
 * The commands that build the image of a folder's commit, and push it.
 *
 * @throws {RefusedError} if files of the build context are not committed: the tag would name a commit without them.
 */
export async function planBuild(
  image: OwnImage,
  { folder, tags, push, scan, env }: BuildOptions,
): Promise<PlannedBuild> {
  const checkout = await readCheckout(folder, image.build.context, env);
  assertCommitted(checkout);
  const { commit } = checkout;
  const tag = tagOf(tags, commit);
  const { step, context } = image.build;
  const reference = `${image.repository}:${tag}`;
  return {
    commit,
    tag,
    commands: [
      ...(step ? [{ cwd: join(folder, context), words: step }] : []),
      { cwd: folder, words: ['docker', ...buildArguments({ image, tag, folder, commit: commit.sha, push })] },
      ...(scan
        ? [
            {
              cwd: folder,
              words: ['trivy', 'image', '--exit-code=1', '--severity=HIGH,CRITICAL', '--ignore-unfixed', reference],
            },
          ]
        : []),
    ],
  };
}

/** Runs the commands. @throws {FailedError} with the command that failed. */
export async function runBuild(
  { commands }: PlannedBuild,
  { env, signal, onOutput }: Pick<BuildOptions, 'env' | 'signal' | 'onOutput'>,
): Promise<void> {
  for (const { cwd, words } of commands) {
    const [program = '', ...args] = words;
    const { code } = await run(program, args, { cwd, env, signal, onOutput });
    if (code !== 0) throw new FailedError(`${words.join(' ')}: exit code ${code}`);
  }
}

function assertCommitted({ uncommitted, commit }: Checkout): void {
  if (uncommitted.length === 0) return;
  const files =
    uncommitted.slice(0, 5).join(', ') + (uncommitted.length > 5 ? ` and ${uncommitted.length - 5} more` : '');
  throw new RefusedError(
    `the build context has uncommitted changes that are not in ${commit.sha.slice(0, 7)}: ${files}; commit them first`,
  );
}
