import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A finished command. */
export interface Finished {
  /** Exit code; 128 + N where signal N ended the command. Never 0 then. */
  readonly code: number;
  /** The signal that ended it. @default - it ended by itself */
  readonly signal?: NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how a command runs. */
export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment. @default - the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Text for standard input: the way for what must not stand in a process list. */
  readonly input?: string;
  /** Called with every piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Sends SIGINT: terraform then ends what is under way, saves its state and frees its lock. */
  readonly signal?: AbortSignal;
}

/** Runs a command to its end, whatever its exit code. Throws only when it cannot be started. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // Ctrl-C goes to a whole process group, and terraform drops everything at its second one: it gets ours alone.
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
    // One that ends before it has read its input says why by its exit code.
    child.stdin.on('error', () => {}).end(options.input ?? '');
  });
}
