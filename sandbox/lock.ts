import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SandboxError } from './errors';
import { startOf } from './process-start';

const PATIENCE_MS = 1000;
const CHECK_MS = 50;

/**
 * Takes a directory for this process and returns what gives it back. The lock of a process that has ended is taken over.
 *
 * The lock is a directory with one file, named after its holder. Renaming a directory over another is atomic and succeeds
 * only if that one is empty, and a dead holder is removed by a name that is never used again: however many processes do
 * this at once, one of them gets the lock.
 *
 * @param patience - milliseconds for which a holder that lives is waited for: one that was killed takes a moment to end.
 * @throws {SandboxError} when another process holds it.
 */
export async function lockDirectory(directory: string, patience = PATIENCE_MS): Promise<() => void> {
  const lock = join(directory, 'lock');
  const holder = `${process.pid}-${startOf(process.pid)}-${randomUUID()}`;
  const prepared = `${lock}.${holder}`;
  mkdirSync(prepared);
  try {
    writeFileSync(join(prepared, holder), '');
    for (const deadline = Date.now() + patience; !renamed(prepared, lock); await setTimeout(CHECK_MS)) {
      const [alive] = readdirSync(lock).filter((name) => {
        const lives = isAlive(name);
        if (!lives) rmSync(join(lock, name), { force: true });
        return lives;
      });
      if (alive && Date.now() >= deadline) {
        throw new SandboxError(
          `sandbox ${directory} is in use by process ${parseInt(alive, 10)}; wait for it, end it, or choose another directory; ` +
            'for a second terminal run bash inside and start both commands there',
          3,
        );
      }
    }
  } finally {
    rmSync(prepared, { recursive: true, force: true });
  }
  return () => rmSync(join(lock, holder), { force: true });
}

function renamed(prepared: string, lock: string): boolean {
  try {
    renameSync(prepared, lock);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOTEMPTY', 'EEXIST'].includes(code)) return false;
    if (code === 'ENOTDIR') throw new SandboxError(`${lock} is a file; delete it: a lock is a folder`, 2);
    throw error;
  }
}

function isAlive(holder: string): boolean {
  const [pid, started] = holder.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // A process of another user lives, though we may not signal it.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(Number(pid)) === started;
}
