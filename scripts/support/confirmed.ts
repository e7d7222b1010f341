import { createInterface } from 'node:readline/promises';
import { RefusedError } from '../../errors';

/**
 * Asks on the terminal, and goes on only after the expected answer.
 *
 * @param expected - what has to be typed. @default 'yes'
 * @throws {RefusedError} after another answer, or if there is no terminal to ask on.
 */
export async function confirmed(question: string, expected = 'yes'): Promise<void> {
  if (!process.stdin.isTTY)
    throw new RefusedError(`not confirmed: there is no terminal to ask on; use --yes to skip the question`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Only "${expected}" is accepted: `);
    if (answer.trim() !== expected) throw new RefusedError('not confirmed');
  } finally {
    terminal.close();
  }
}
