import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket, type Server as SocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { CoverageCounter } from '../coverage';
import { Faults } from '../faults';
import type { World } from '../world';
import type { ProviderBehaviour } from './behaviour';
import { foldersOf } from './folder';
import { ServedProvider } from './served';
import { Session, type Surroundings } from './session';
import { implementation, providerService } from './tfplugin6';

/** Longest path of a unix socket, in bytes, on Linux. Node cuts longer ones without a word. */
const SOCKET_PATH_LIMIT = 107;
const MESSAGE_LIMIT = 256 * 1024 * 1024;

/** What providers are served with. */
export interface ServeOptions {
  readonly world: World;
  readonly coverage: CoverageCounter;
  /** HOME of the commands that run inside the sandbox. */
  readonly home: string;
  /** @default - no failures */
  readonly faults?: Faults;
  /** An existing folder for the sockets, which stays. @default - a temporary one */
  readonly sockets?: string;
}

/** Providers that terraform can be pointed at. */
export interface ServedProviders {
  /** Value of `TF_REATTACH_PROVIDERS`. */
  readonly reattach: string;
  /** How many connections of terraform are open. */
  clients(): number;
  /** Types of the resources whose change was under way when terraform hung up, oldest first. */
  readonly cutOff: readonly string[];
  /** Hangs up on everybody and takes the sockets away. */
  close(): Promise<void>;
}

/**
 * Serves providers to terraform over unix sockets, all from this process. Never run terraform synchronously in the
 * same process, which could not answer it.
 */
export async function serveProviders(
  providers: readonly ProviderBehaviour[],
  options: ServeOptions,
): Promise<ServedProviders> {
  const folder = options.sockets ?? mkdtempSync(join(tmpdir(), 'tf-'));
  const around: Surroundings = { ...options, faults: options.faults ?? new Faults(), folders: () => foldersOf(folder) };
  const open: OpenSocket[] = [];
  const cutOff: string[] = [];
  const close = async () => {
    await Promise.all(open.map((socket) => socket.close()));
    if (!options.sockets) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const entries: [string, object][] = [];
    for (const provider of providers) {
      const path = join(folder, provider.name);
      open.push(await listen(new ServedProvider(provider), path, around, cutOff));
      entries.push([provider.source, attachment(path)]);
    }
    return {
      reattach: JSON.stringify(Object.fromEntries(entries)),
      clients: () => open.reduce((sum, socket) => sum + socket.clients(), 0),
      cutOff,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Makes a folder for sockets, emptied of those that a killed process has left.
 *
 * @returns the folder, or undefined where the paths in it would be too long.
 */
export function socketFolder(folder: string): string | undefined {
  if (Buffer.byteLength(join(folder, 'kubernetes')) > SOCKET_PATH_LIMIT) return undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** `Test` tells terraform not to kill our process at the end of its first step. */
function attachment(path: string): object {
  return {
    Protocol: 'grpc',
    ProtocolVersion: 6,
    Pid: process.pid,
    Test: true,
    Addr: { Network: 'unix', String: path },
  };
}

interface OpenSocket {
  clients(): number;
  close(): Promise<void>;
}

/** One gRPC server for each connection: a connection is one provider block of one command. */
async function listen(
  provider: ServedProvider,
  path: string,
  around: Surroundings,
  cutOff: string[],
): Promise<OpenSocket> {
  if (Buffer.byteLength(path) > SOCKET_PATH_LIMIT) {
    throw new Error(`socket path ${path} has more than ${SOCKET_PATH_LIMIT} bytes; set TMPDIR to a shorter folder`);
  }
  const connections = new Set<Socket>();
  const sockets: SocketServer = createServer((connection) => {
    const limits = { 'grpc.max_receive_message_length': MESSAGE_LIMIT, 'grpc.max_send_message_length': MESSAGE_LIMIT };
    const server = new Server({ ...limits, 'grpc.enable_channelz': 0 });
    const session = new Session(provider, around);
    server.addService(providerService, implementation(session.handlers()));
    server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(connection);
    connections.add(connection);
    connection
      .on('error', () => {})
      .on('close', () => {
        connections.delete(connection);
        cutOff.push(...session.changing());
        server.forceShutdown();
      });
  });
  await new Promise<void>((resolve, reject) => {
    sockets.once('error', reject).listen(path, resolve);
  });
  return {
    clients: () => connections.size,
    close: () =>
      new Promise((resolve) => {
        sockets.close(() => resolve());
        for (const connection of connections) connection.destroy();
      }),
  };
}
