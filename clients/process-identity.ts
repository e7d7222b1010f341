import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process, told apart from every other one that had or will have its number, on this machine or another. */
export interface ProcessIdentity {
  /** Id of the boot of the machine, and its PID namespace. */
  readonly machine: string;
  readonly pid: number;
  /** When the kernel started it, in its own units. */
  readonly started: string;
}

/** This process; undefined where the system has no /proc, such as macOS. */
export function thisProcess(): ProcessIdentity | undefined {
  const machine = machineId();
  const started = startOf(process.pid);
  return machine && started ? { machine, pid: process.pid, started } : undefined;
}

/**
 * Whether a process has ended, and so has everything that it started with this environment variable.
 *
 * @returns undefined if that cannot be known here: the process is on another machine, or in another container.
 */
export function hasEnded(
  { machine, pid, started }: ProcessIdentity,
  variable: { readonly name: string; readonly value: string },
): boolean | undefined {
  if (machine !== machineId()) return undefined;
  if (startOf(pid) === started) return false;
  return !isInEnvironment(`${variable.name}=${variable.value}`);
}

/** The boot and the PID namespace: a container shares the boot with its host, but not the numbers of processes. */
function machineId(): string | undefined {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  return boot && namespace ? `${boot} ${namespace}` : undefined;
}

/**
 * When a process started; undefined if it has ended, or only waits for its parent to notice.
 *
 * Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, fields 3 and 22
 */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '';
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : fields[18];
}

/** Whether a process has this in its environment. Those of other users cannot be read, and are not ours. */
function isInEnvironment(assignment: string): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) =>
    attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8'))
      ?.split('\0')
      .includes(assignment),
  );
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
