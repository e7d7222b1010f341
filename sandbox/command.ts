import { type SpawnOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Isolation } from './isolation';

/** How a command runs inside the sandbox. */
export interface RunOptions {
  /** @default - the working directory of this process */
  readonly cwd?: string;
  /** @default 'inherit' */
  readonly stdio?: SpawnOptions['stdio'];
  /** Variables on top of the sandbox's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** @default - none but the environment */
  readonly isolation?: Isolation;
}

/**
 * Runs a command to its end and resolves to its exit code; 127 when there is no such command, 128 + N when signal N ended it.
 *
 * Signals to this process go on to the command and leave this process alive, so that it can close what it has open. A
 * SIGINT from a terminal reaches the command anyway; passed on it would be the second one, at which terraform
 * drops everything.
 */
export function runInside(
  env: NodeJS.ProcessEnv,
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  const { stdio = 'inherit', cwd } = options;
  const line = [command, ...args];
  const [program = command, ...rest] = options.isolation?.wrap(line) ?? line;
  return new Promise((resolve, reject) => {
    let ended: NodeJS.Signals | undefined;
    const handOn = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT') ended = signal;
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    // Before the command is there: one that runs at once may be answered by a signal that would end this process, not it.
    for (const signal of signals) process.on(signal, handOn);
    const child = spawn(program, rest, { cwd, stdio, env: { ...env, ...options.env } });
    const end = () => {
      for (const signal of signals) process.off(signal, handOn);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      end();
      if (error.code !== 'ENOENT') return reject(error);
      console.error(`${command}: no such command in the sandbox`);
      resolve(127);
    });
    child.on('close', (code, signal) => {
      end();
      // Some commands exit with 0 when they are ended early, as cdktf does.
      const early = code === 0 ? ended : undefined;
      resolve(early ? 128 + constants.signals[early] : (code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
  });
}
