import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A running program that forwards a local port. */
export interface Forward {
  /** Resolves when the program has ended, with its last output. */
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

/** Time in which a program has to open its port. */
const PATIENCE_MS = 60_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Starts a program that forwards a port and waits until the port is open.
 *
 * @throws if the port is in use, before the program is started; with its output if it ends early.
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
  // Without this, a signal to this process would leave the program running.
  const end = () => void child.kill('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    const deadline = Date.now() + PATIENCE_MS;
    while (running && !(await isOpen(port))) {
      if (Date.now() > deadline) {
        await close();
        throw new Error(
          `${command} did not open port ${port} within ${PATIENCE_MS / 1000} s${said.trim() ? `: ${said.trim()}` : ' and printed nothing'}`,
        );
      }
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
  if (!running) throw new Error(`${command} did not open port ${port}: ${await ended}`);
  return { ended, close };
}

async function assertFree(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `local port ${port} is already in use, perhaps by another tunnel; stop the program that listens on it`,
            )
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}

/** Whether something listens on a port of this machine. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
