import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Call, Ended } from './command-server';
import { ROOT } from './sandbox-command';

/**
 * Runs commands of ours in processes that keep what they have loaded: that takes longer than most commands. Standard input is
 * empty. A command is a process of its own where a test is about its start, its end or its signals.
 */
export class Commands {
  private readonly idle: Server[] = [];
  private readonly all: Server[] = [];

  /** Runs a command to its end, at the same time as others. @param env - all variables. @default - those of this process */
  async run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
    const server = this.idle.pop() ?? this.start(env);
    const call: Call = { script, args, env };
    server.process.send(call);
    const answered = once(server.process, 'message') as Promise<[Ended]>;
    const [ended] = await Promise.race([answered, server.end.then(failed)]);
    this.idle.push(server);
    return ended;
  }

  /** Ends the processes, and what commands have left to be done at their end. */
  async close(): Promise<void> {
    for (const { process } of this.all) if (process.connected) process.disconnect();
    await Promise.all(this.all.map(({ end }) => end));
  }

  private start(env: NodeJS.ProcessEnv): Server {
    const child = fork(join(__dirname, 'command-server.ts'), {
      cwd: ROOT,
      env,
      execArgv: ['-r', join(ROOT, 'register.cjs')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const server = { process: child, end: once(child, 'exit') };
    this.all.push(server);
    return server;
  }
}

interface Server {
  readonly process: ChildProcess;
  /** Settles when it has ended. */
  readonly end: Promise<unknown>;
}

function failed(): never {
  throw new Error('the process of the commands has ended in the middle of one');
}
