import { temporaryFolder } from '../../helpers/synth';
import { killedAt, undisturbed } from './killed';

const folder = temporaryFolder();

// Every call, of both commands: killed-anywhere.test.ts.
test.each(['ship', 'rollback'] as const)(
  '%s, killed at its first, middle or last call, ends in the same state when it is run again',
  async (command) => {
    const { end, calls } = await undisturbed(command, folder);
    for (const at of [1, Math.ceil(calls / 2), calls])
      expect(await killedAt(command, at, 'after', folder)).toEqual(end);
  },
);
