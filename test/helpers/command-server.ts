import type { Command } from 'commander';
import { runCommand } from '../../scripts/support/start';
import { guardOutput } from '../../terminal/output';

/** A call of a command, as `Commands` sends it. */
export interface Call {
  /** Name of a file in `scripts/`. */
  readonly script: string;
  readonly args: readonly string[];
  /** All environment variables. */
  readonly env: NodeJS.ProcessEnv;
}

/** How it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What ends a command early, as `process.exit` ends its process. */
class Exit extends Error {}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let printed = { stdout: '', stderr: '' };
let end: (code: number) => void = () => {};

for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = (text: string | Uint8Array) => {
    printed[name] += Buffer.from(text as string).toString();
    return true;
  };
}
guardOutput();
const leave = process.exit.bind(process);
process.on('disconnect', () => leave(0));
process.exit = (code) => {
  end(Number(code ?? 0));
  // Whoever catches it may print it, which nobody reads any more.
  throw new Exit('ended');
};
process.on('message', async (call: Call) => process.send?.(await called(call)));

async function called({ script, args, env }: Call): Promise<Ended> {
  printed = { stdout: '', stderr: '' };
  process.env = { ...env };
  process.exitCode = undefined;
  const ended = await new Promise<Ended>((resolve) => {
    end = (code) => resolve({ code, ...printed });
    const { default: command } = require(`../../scripts/${script}`) as { default: Command };
    void runCommand(command, args).then(() => end(Number(process.exitCode ?? 0)));
  });
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  return ended;
}
