import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who holds a directory. */
interface Holder {
  readonly pid: number;
  /** When the process started, in the kernel's words: a number that was used again is not the same process. */
  readonly started: string;
}

/**
 * Takes a directory for this process and returns what gives it back. The lock of a process that is gone is taken over.
 *
 * @throws Error when another process that lives holds it.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, 'lock');
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder));
  try {
    while (!link(own, file)) {
      const holder = read(file);
      if (holder && isAlive(holder)) {
        throw new Error(
          `sandbox ${directory} is in use by process ${holder.pid}; wait for it, end it, or choose another directory`,
        );
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/** Makes the lock appear whole, or not at all when there is one. */
function link(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process lives, though we may not signal it.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(pid) === started;
}

/** Field 22 of /proc/PID/stat; '' where there is no such file, and then the number alone decides. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
