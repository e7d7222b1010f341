import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A program that keeps a port of this machine open to something far away. */
export interface Forward {
  /** Resolves when the program has ended, with what it said last. */
  readonly ended: Promise<string>;
  /** Ends the program and waits until it has. */
  close(): Promise<void>;
}

/** A program that forwards a port, and the port. */
export interface ForwardCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Port on this machine. */
  readonly port: number;
}

/** How long a program may take until its port is open. */
const PATIENCE_MS = 60_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Starts a program that forwards a port and waits until the port is open.
 *
 * @throws when the port is taken, before anything is started; with what the program said when it ends instead.
 */
export async function openForward(
  { command, args, port }: ForwardCommand,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Forward> {
  await assertFree(port);
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const listen = (text: string) => {
    said = (said + text).slice(-2000);
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  let running = true;
  const ended = new Promise<string>((resolve) => {
    const end = (why: string) => {
      running = false;
      resolve(why);
    };
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? `${command} is not installed, or not on PATH` : error.message),
    );
    child.on('close', (code) => end(said.trim() || `exit code ${code}`));
  });
  const close = async () => {
    if (running) child.kill('SIGTERM');
    await ended;
  };
  // A signal that ended this process alone would leave the program running.
  const end = () => void child.kill('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    const deadline = Date.now() + PATIENCE_MS;
    while (running && !(await isOpen(port))) {
      if (Date.now() > deadline) {
        await close();
        throw new Error(
          `${command} has not opened port ${port} in ${PATIENCE_MS / 1000} s: ${said.trim() || 'it printed nothing'}`,
        );
      }
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
  if (!running) throw new Error(`${command} has not opened port ${port}: ${await ended}`);
  return { ended, close };
}

async function assertFree(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} of this machine is taken, perhaps by another tunnel; end what listens there first`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
