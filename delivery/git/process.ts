import { type Finished, run } from '../../clients/process';

/** Milliseconds after which git is interrupted. A push without an answer has an unknown outcome. */
const TIMEOUT = 120_000;

/** Variables that git sets for hooks, and that would redirect our commands. */
const LOCAL = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_PREFIX'];

/**
 * Runs git and returns its result, whatever its exit code. It never prompts, prints English, and does not receive Ctrl-C, so that
 * a push is either finished or never begun.
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
