import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Folders that terraform processes run in, of those that were pointed at these sockets. Empty where the system does not
 * show processes as Linux does.
 *
 * @param sockets - a part of their `TF_REATTACH_PROVIDERS`.
 */
export function foldersOf(sockets: string): string[] {
  const folders = processes().flatMap((id) => {
    try {
      if (!readFileSync(`/proc/${id}/comm`, 'utf8').startsWith('terraform')) return [];
      if (!readFileSync(`/proc/${id}/environ`, 'utf8').includes(sockets)) return [];
      return [readlinkSync(`/proc/${id}/cwd`)];
    } catch {
      // It has ended, or is somebody else's.
      return [];
    }
  });
  return [...new Set(folders)];
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
