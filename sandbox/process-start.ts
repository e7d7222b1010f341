import { readFileSync } from 'node:fs';

/**
 * When a process started, as the kernel counts it: a number that was used again is another process. '' where there is no
 * such process or no /proc; 'ended' for a process that only waits for its parent to notice.
 */
export function startOf(pid: number): string {
  try {
    return startIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return '';
  }
}

/**
 * The same from the content of a process's stat file; '' where it is something else.
 *
 * Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, fields 3 and 22
 */
export function startIn(stat: string): string {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? 'ended' : (fields[18] ?? '');
}
