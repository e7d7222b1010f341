import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SandboxError } from './errors';
import { lockDirectory } from './lock';

/** The file that marks a directory as a sandbox. In a directory without it nothing is written or deleted. */
const MARKER = 'sandbox.json';
const LOCK = 'lock';

/** What another process leaves for a moment that makes the same directory a sandbox. */
const UNFINISHED_MARKER = /^sandbox\.json\.\d+$/;

/** The marker. Its version is that of all files in the directory. */
interface Marker {
  readonly format: 'strata-sandbox';
  readonly version: number;
  /** Port of the APIs at the last start, taken again if it is free. 0: any. */
  readonly port: number;
  /** What a client of the APIs must present. */
  readonly token: string;
}

const VERSION = 2;

/** The directory of a sandbox, held by this process. */
export interface SandboxDirectory extends Pick<Marker, 'port' | 'token'> {
  /** Remembers the port for the next start. */
  keepPort(port: number): void;
  /** Lets another process have the directory. */
  unlock(): void;
}

/**
 * Creates the directory of a sandbox, or takes over one that exists.
 *
 * @param fresh - deletes all that an earlier sandbox has left in it, but nothing in a directory without its marker.
 * @throws {SandboxError} when another process uses it, when it holds anything else, or when it is of another version.
 */
export async function openDirectory(directory: string, fresh: boolean): Promise<SandboxDirectory> {
  createFolder(directory);
  if (readdirSync(directory).every((name) => UNFINISHED_MARKER.test(name))) {
    writeMarker(directory, { format: 'strata-sandbox', version: VERSION, port: 0, token: newToken() });
  }
  const marker = readMarker(directory);
  if (!fresh && marker.version !== VERSION) {
    throw new SandboxError(
      `sandbox ${directory} has version ${marker.version}, expected ${VERSION}; start over with --fresh, or choose another directory`,
      2,
    );
  }
  const unlock = await lockDirectory(directory);
  chmodSync(directory, 0o700);
  for (const name of fresh ? readdirSync(directory) : []) {
    if (name !== MARKER && name !== LOCK) rmSync(join(directory, name), { recursive: true, force: true });
  }
  const { token } = marker;
  return {
    port: marker.port,
    token,
    unlock,
    keepPort: (port) => writeMarker(directory, { format: 'strata-sandbox', version: VERSION, port, token }),
  };
}

/** As `mkdir -p`; that of node never ends below /proc. @throws {SandboxError} if a folder cannot be created. */
function createFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  try {
    if (!existsSync(dirname(folder))) createFolder(dirname(folder));
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    throw new SandboxError(`cannot create ${folder}: ${(error as Error).message}; choose another directory`, 2);
  }
}

function newToken(): string {
  return randomBytes(24).toString('hex');
}

function writeMarker(directory: string, marker: Marker): void {
  const temporary = join(directory, `${MARKER}.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify(marker)}\n`, { mode: 0o600 });
  renameSync(temporary, join(directory, MARKER));
}

function readMarker(directory: string): Marker {
  const file = join(directory, MARKER);
  try {
    const { format, version, port, token } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Marker>;
    if (
      format === 'strata-sandbox' &&
      Number.isInteger(version) &&
      isPort(port) &&
      /^[0-9a-f]{48}$/.test(String(token))
    ) {
      return { format, version: Number(version), port, token: String(token) };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  throw new SandboxError(
    `${directory} is not empty and is not a sandbox: it has no valid ${MARKER}; nothing in it was touched. ` +
      'Choose an empty directory or one that does not exist, or delete this one yourself',
    2,
  );
}

function isPort(port: unknown): port is number {
  return Number.isInteger(port) && Number(port) >= 0 && Number(port) < 65_536;
}
