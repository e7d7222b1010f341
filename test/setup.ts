import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory, where there is one: tests write and remove hundreds of thousands of small files. */
const IN_MEMORY = '/dev/shm';

/** More than all tests need at a time. */
const NEEDED_BYTES = 4 * 1024 ** 3;

const PREFIX = 'tests-';

/** Gives all temporary folders of a run one place, which `teardown.ts` removes. */
export default function setup(): void {
  const place = isUsable(IN_MEMORY) ? IN_MEMORY : tmpdir();
  removeDeadRuns(place);
  const folder = mkdtempSync(join(place, `${PREFIX}${process.pid}-`));
  // PostgreSQL refuses to run as root: its user has to reach a folder below this one.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
}

function isUsable(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < NEEDED_BYTES) return false;
  // Containers mount it without the right to run programs, and some tests write programs.
  const probe = join(mkdtempSync(join(folder, PREFIX)), 'probe');
  writeFileSync(probe, '#!/bin/sh\n', { mode: 0o755 });
  const { status } = spawnSync(probe);
  rmSync(join(probe, '..'), { recursive: true });
  return status === 0;
}

/** What killed runs have left would fill the memory. */
function removeDeadRuns(place: string): void {
  for (const name of readdirSync(place)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(place, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
