import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A finished command. */
export interface Finished {
  /** Exit code; 128 + N if signal N ended the command, so never 0 then. */
  readonly code: number;
  /** The signal that ended it. @default - it ended by itself */
  readonly signal?: NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how a command runs. */
export interface CommandOptions {
  readonly cwd?: string;
  /** All environment variables. @default - those of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input, for values that must not be in the process list. */
  readonly input?: string;
  /** Called with each piece of output. */
  readonly onOutput?: (text: string) => void;
  /** Sends SIGINT when aborted: terraform then finishes running operations, saves its state and releases its lock. */
  readonly signal?: AbortSignal;
}

/** Runs a command and returns its result, whatever its exit code. Throws only if it cannot be started. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // Ctrl-C reaches the whole process group, and terraform exits immediately at its second one: it only gets ours.
    const detached = options.signal !== undefined;
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, detached });
    const interrupt = () => child.kill('SIGINT');
    options.signal?.addEventListener('abort', interrupt, { once: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new Error(`${command} is not installed, or not on PATH`) : error);
    });
    child.on('close', (code, signal) => {
      options.signal?.removeEventListener('abort', interrupt);
      resolve({
        code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'],
        ...(signal && { signal }),
        stdout,
        stderr,
      });
    });
    // A command that ends before it has read its input reports why by its exit code.
    child.stdin.on('error', () => {}).end(options.input ?? '');
  });
}
