import { spawn } from 'node:child_process';

/** What to run git with. */
export interface GitOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Environment in which git reads no configuration, asks nothing and reaches no network. */
export const QUIET_GIT: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'file',
};

/** The process's environment without git's own variables: a hook that starts us must not redirect our commands. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
}

/**
 * Runs git and returns what it printed. Never blocks: terraform may be waiting for this process.
 *
 * @throws Error with git's own message when it fails.
 */
export function git(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return run('git', args, { ...options, env: { ...QUIET_GIT, ...options.env } });
}

/** As `git`, but undefined when it fails. */
export async function tryGit(args: readonly string[], options: GitOptions = {}): Promise<string | undefined> {
  return git(args, options).catch(() => undefined);
}

/** Runs a program to its end. @throws Error with its standard error when it fails. */
export function run(program: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: { ...inherited(), ...options.env } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const message = Buffer.concat(err).toString().trim() || `exit status ${code}`;
      reject(new Error(`${program} ${args.join(' ')}: ${message}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
