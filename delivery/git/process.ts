import { type Finished, run } from '../../clients/process';

/** After so many milliseconds git is interrupted: a push whose answer does not come has an unknown outcome. */
const TIMEOUT = 120_000;

/** Variables that a hook sets when it starts us, and that would redirect our commands. */
const LOCAL = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_PREFIX'];

/**
 * Runs git to its end, whatever that is. It never asks on the terminal, speaks English, and is not reached by Ctrl-C, so that
 * a push is finished or was never begun.
 *
 * @param env - added to the environment of this process
 */
export function runGit(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  input?: string,
): Promise<Finished> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !LOCAL.includes(name)));
  return run('git', args, {
    cwd,
    env: { ...inherited, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...env },
    signal: AbortSignal.timeout(TIMEOUT),
    ...(input !== undefined && { input }),
  });
}
