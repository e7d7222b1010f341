import type { PowerControl } from '../../clients/vm-power';
import { type PowerWanted, whileStopped } from '../../recovery/while-stopped';

/** A VM whose power is recorded; a call with the name `broken` fails. */
class Power implements PowerControl {
  readonly vm = 'vm';
  readonly calls: string[] = [];
  state = { running: true, paused: false, attached: true };

  constructor(
    private readonly broken?: string,
    running = true,
  ) {
    this.state.running = running;
  }

  status = async () => (this.state.running ? 'RUNNING' : 'TERMINATED');
  start = () => this.call('start', { running: true });
  stop = () => this.call('stop', { running: false });
  pauseWatchdog = (paused: boolean) => this.call(paused ? 'pause' : 'resume', { paused });
  attachSchedule = (attached: boolean) => this.call(attached ? 'attach' : 'detach', { attached });

  private async call(name: string, change: Partial<Power['state']>): Promise<void> {
    this.calls.push(name);
    if (name === this.broken) throw new Error(`${name} is broken`);
    Object.assign(this.state, change);
  }
}

const WANTED = { running: true, paused: false };
const FULL = ['pause', 'detach', 'stop', 'work', 'start', 'attach', 'resume'];

/** Runs work while the VM is stopped. */
async function run(power: Power, wanted: PowerWanted = WANTED, work = async () => 'done', aborts?: string) {
  const controller = new AbortController();
  const begin = (step: string) => {
    if (aborts && step.startsWith(aborts)) controller.abort(new Error('interrupted'));
  };
  const counted = () => {
    power.calls.push('work');
    return work();
  };
  return whileStopped(power, wanted, counted, { signal: controller.signal, begin });
}

test('work is done while the VM is off and nothing starts it, and all is as before afterwards', async () => {
  const power = new Power();
  const seen = await run(power, WANTED, async () => JSON.stringify(power.state));
  expect(JSON.parse(seen)).toEqual({ running: false, paused: true, attached: false });
  expect([power.calls, power.state]).toEqual([FULL, { running: true, paused: false, attached: true }]);
});

describe('everything is brought back', () => {
  const back = { running: true, paused: false, attached: true };

  test('when the work fails, with its reason', async () => {
    const power = new Power();
    await expect(run(power, WANTED, () => Promise.reject(new Error('no quota')))).rejects.toThrow('no quota');
    expect(power.state).toEqual(back);
  });

  test.each(['pause', 'detach', 'stop'])('when %s fails, and no work is done', async (broken) => {
    const power = new Power(broken);
    await expect(run(power)).rejects.toThrow(`${broken} is broken`);
    expect([power.state, power.calls.includes('work')]).toEqual([back, false]);
  });

  test.each(['pause', 'detach', 'stop'])('when it is interrupted at "%s"', async (step) => {
    const power = new Power();
    await expect(run(power, WANTED, async () => 'done', step)).rejects.toThrow('interrupted');
    expect([power.state, power.calls.includes('work')]).toEqual([back, false]);
  });

  test('by the next run, after one that was killed', async () => {
    const power = new Power();
    power.state = { running: false, paused: true, attached: false };
    await run(power);
    expect(power.state).toEqual(back);
  });

  test.each([
    ['start', { running: false, paused: false, attached: true }, 'start vm: start is broken'],
    ['attach', { running: true, paused: false, attached: false }, 'attach the power schedule: attach is broken'],
    ['resume', { running: true, paused: true, attached: true }, 'resume the watchdog: resume is broken'],
  ])('as far as it can be, when %s fails, and the rest is named', async (broken, state, reason) => {
    const power = new Power(broken);
    await expect(run(power)).rejects.toMatchObject({
      exitCode: 1,
      message: `vm is not as before:\n  ${reason}\nrun the same command again, or deploy 00-vpc and start the VM`,
    });
    expect(power.state).toEqual(state);
  });
});

describe('a VM stays off', () => {
  test('that is asleep, with its watchdog and its schedule on', async () => {
    const power = new Power(undefined, false);
    await run(power, { running: false, paused: false });
    expect(power.state).toEqual({ running: false, paused: false, attached: true });
  });

  test('that restore.json keeps stopped, without watchdog and schedule', async () => {
    const power = new Power(undefined, false);
    await run(power, { running: false, paused: true });
    expect(power.state).toEqual({ running: false, paused: true, attached: false });
  });
});
