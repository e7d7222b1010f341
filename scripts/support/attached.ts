import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Forward } from '../../clients/forward';

/**
 * Prints that a forward is open and keeps it open until Ctrl-C.
 *
 * @param opened - the message, and its JSON for `--json`.
 * @throws if it ends unexpectedly.
 */
export async function held(
  { ended }: Forward,
  opened: { readonly text: string; readonly result: object },
  json = false,
): Promise<void> {
  console.log(json ? JSON.stringify(opened.result) : `${opened.text}\nPress Ctrl-C to stop`);
  const stopped = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(undefined));
  });
  const said = await Promise.race([ended, stopped]);
  if (said !== undefined) throw new Error(`the connection has ended: ${said}`);
}

/** Runs a command on this terminal, where it receives Ctrl-C itself; forwards other signals. Resolves to its exit code. */
export function runAttached(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { env, stdio: 'inherit' });
  const handOn = (signal: NodeJS.Signals) => void (signal === 'SIGINT' || child.kill(signal));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, handOn);
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  }).finally(() => {
    for (const signal of signals) process.off(signal, handOn);
  });
}
