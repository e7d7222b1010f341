import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startIn, startOf } from './process-start';

/**
 * Where every terraform of a sandbox is recorded: a file named by its process id, with its line of /proc/PID/stat. The
 * shim of terraform writes it.
 */
function folderIn(directory: string): string {
  return join(directory, 'running');
}

/**
 * Ends every terraform that an earlier run has left behind, and begins to record those of this one. Without the sandbox
 * that it talks to, terraform would try to reach it for ever.
 */
export function endSurvivors(directory: string): void {
  const folder = folderIn(directory);
  killTerraform(directory);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
}

/** Kills every terraform of a sandbox that is running. */
export function killTerraform(directory: string): void {
  const folder = folderIn(directory);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = Number(name);
    const started = startIn(readFileSync(join(folder, name), 'utf8'));
    if (!started || startOf(pid) !== started) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in between.
    }
  }
}
