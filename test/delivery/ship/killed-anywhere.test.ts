import { temporaryFolder } from '../../helpers/synth';
import { killedAt, undisturbed } from './killed';

const folder = temporaryFolder();

jest.setTimeout(300_000);

test.each(['ship', 'rollback'] as const)(
  '%s, killed before or after any of its calls to the outside, ends in the same state when it is run again',
  async (command) => {
    const { end, calls } = await undisturbed(command, folder);
    const different: string[] = [];
    for (let at = 1; at <= calls; at++)
      for (const moment of ['before', 'after'] as const) {
        const again = await killedAt(command, at, moment, folder).catch(String);
        if (JSON.stringify(again) !== JSON.stringify(end)) different.push(`${moment} ${at}: ${JSON.stringify(again)}`);
      }
    console.info(`${command}: ${2 * calls - different.length} of ${2 * calls} kills end in the same state`);
    expect(different).toEqual([]);
    // A delivery that calls nobody would prove nothing.
    expect(calls).toBeGreaterThan(10);
  },
);
