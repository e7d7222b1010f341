import { AsleepError } from '../errors';
import { awakeHours, type Power } from '../platforms/schema/power';

/** Whether a VM is available. */
export interface VmState {
  /** `preempted`: a Spot VM that is stopped while it should be awake, for any reason. `absent`: it does not exist. */
  readonly state: 'awake' | 'asleep' | 'preempted' | 'stopped' | 'starting' | 'absent';
  /** When its power schedule changes the state: `09:00 Asia/Taipei`. */
  readonly until?: string;
}

/** The error of a command that needs a VM while its power schedule keeps it stopped. */
export function asleep(vm: string, { until }: VmState): AsleepError {
  return new AsleepError(`${vm} is asleep until ${until}, when its power schedule starts it`);
}

/** States of the Compute API on the way to RUNNING. */
const STARTING = ['PROVISIONING', 'STAGING', 'REPAIRING'];

/**
 * The state of a VM, from its status and its power schedule.
 *
 * @param status - status in the Compute API; undefined if the VM does not exist.
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
