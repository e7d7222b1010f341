import { spawn } from 'node:child_process';

/** How git ended. */
export interface GitResult {
  /** Null when it was killed: it exceeded its time. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What git is run with. */
export interface GitOptions {
  readonly cwd: string;
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** @default 120000 */
  readonly timeoutMs?: number;
}

/** Runs git to its end, whatever that is. It never asks on the terminal, and speaks English. */
export function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: options.cwd,
      env: { ...inherited(), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...options.env },
      timeout: options.timeoutMs ?? 120_000,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** A hook that starts us sets GIT_DIR and its like, which would redirect our commands. */
function inherited(): NodeJS.ProcessEnv {
  const local = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_PREFIX'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !local.includes(name)));
}
