import type { PowerControl } from '../clients/vm-power';
import { FailedError, messageOf } from '../errors';

/** How the VM is to be left. It follows from the platform, not from what was found: an interrupted run has left it stopped. */
export interface PowerWanted {
  /** True if the VM should be running now. */
  readonly running: boolean;
  /** True if restore.json keeps the VM stopped: neither its watchdog nor its schedule is active. */
  readonly paused: boolean;
}

/**
 * Runs work while a VM is stopped, with its watchdog paused and its instance schedule detached, so that nothing starts it.
 * Afterwards all three are as the platform wants them, whatever happened, also after Ctrl-C; a run that was killed is repaired by
 * the next one, or by a deployment of 00-vpc and a start of the VM.
 *
 * @param signal - aborts the work, not the way back.
 * @throws the error of the work; {FailedError} with everything that could not be brought back.
 */
export async function whileStopped<T>(
  power: PowerControl,
  wanted: PowerWanted,
  work: () => Promise<T>,
  { signal, begin }: { readonly signal: AbortSignal; readonly begin: (step: string) => void },
): Promise<T> {
  const wasRunning = (await power.status()) === 'RUNNING';
  const forward: readonly [string, () => Promise<void>][] = [
    ['pause the watchdog', () => power.pauseWatchdog(true)],
    ['detach the power schedule', () => power.attachSchedule(false)],
    [`stop ${power.vm}`, () => power.stop()],
  ];
  const back: readonly [string, () => Promise<void>][] = [
    ...(wasRunning || wanted.running ? [[`start ${power.vm}`, () => power.start()] as const] : []),
    ...(wanted.paused
      ? []
      : [
          ['attach the power schedule', () => power.attachSchedule(true)] as const,
          ['resume the watchdog', () => power.pauseWatchdog(false)] as const,
        ]),
  ].map(([step, run]) => [step, run]);
  const [result] = await Promise.allSettled([
    (async () => {
      for (const [step, run] of forward) {
        signal.throwIfAborted();
        begin(step);
        await run();
      }
      signal.throwIfAborted();
      return work();
    })(),
  ]);
  const failures: string[] = [];
  for (const [step, run] of back) {
    begin(step);
    await run().catch((error: unknown) => failures.push(`${step}: ${messageOf(error)}`));
  }
  const reason = result.status === 'rejected' ? `${messageOf(result.reason)}\n` : '';
  if (failures.length > 0)
    throw new FailedError(
      `${reason}${power.vm} is not as before:\n  ${failures.join('\n  ')}\nrun the same command again, or deploy 00-vpc and start the VM`,
    );
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
