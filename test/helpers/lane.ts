import { spawnSync } from 'node:child_process';

/** What of `commands` this machine does not have. */
export function lacking(commands: readonly string[], path = process.env['PATH']): string[] {
  return commands.filter((command) => {
    const { status } = spawnSync('sh', ['-c', 'command -v "$0"', command], { env: { PATH: path } });
    return status !== 0;
  });
}

/**
 * A suite that runs where nothing is lacking; otherwise it is shown as skipped, and standard error says why.
 *
 * @param lacks - what is missing, with where to get it.
 */
export function suiteUnless(lacks: readonly string[], name: string): jest.Describe {
  if (!lacks.length) return describe;
  process.stderr.write(`\nSKIPPED: ${name}: this machine lacks ${lacks.join(', ')}\n`);
  return describe.skip;
}
