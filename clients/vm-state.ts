import { AsleepError } from '../errors';
import { awakeHours, type Power } from '../platforms/schema/power';

/** Whether a VM is there for its users. */
export interface VmState {
  /** `preempted` is a spot VM that is off while it should be awake, whoever has stopped it; `absent`: there is none. */
  readonly state: 'awake' | 'asleep' | 'preempted' | 'stopped' | 'starting' | 'absent';
  /** When its power schedule changes that: `09:00 Asia/Taipei`. */
  readonly until?: string;
}

/** The error of a command that needs a VM which its power schedule has stopped. */
export function asleep(vm: string, { until }: VmState): AsleepError {
  return new AsleepError(`${vm} is asleep until ${until}; its power schedule starts it then`);
}

/** States of the Compute API on the way to RUNNING. */
const STARTING = ['PROVISIONING', 'STAGING', 'REPAIRING'];

/**
 * Reads a VM's state off its status and its power schedule.
 *
 * @param status - in words of the Compute API; undefined when there is no such VM.
 */
export function vmStateOf(
  status: string | undefined,
  { spot, power }: { readonly spot: boolean; readonly power?: Power | undefined },
  now: Date,
): VmState {
  const asleep = power && !awakeHours(power).includes(hourIn(power.timeZone, now));
  if (status === undefined) return { state: 'absent' };
  if (status === 'RUNNING')
    return { state: 'awake', ...(power && !asleep && { until: `${power.stop} ${power.timeZone}` }) };
  if (STARTING.includes(status)) return { state: 'starting' };
  if (asleep) return { state: 'asleep', until: `${power.start} ${power.timeZone}` };
  return { state: spot ? 'preempted' : 'stopped' };
}

function hourIn(timeZone: string, now: Date): number {
  return Number(new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(now));
}
