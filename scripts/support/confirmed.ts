import { createInterface } from 'node:readline/promises';
import { EXIT_CODES } from '../../errors';

/** Asks on the terminal. Anything but "yes", or nobody who could answer, is a no, and sets the exit code. */
export async function confirmed(question: string): Promise<boolean> {
  process.exitCode = EXIT_CODES.refused;
  if (!process.stdin.isTTY) {
    console.error(`${question}? Nobody can answer here; confirm with --yes`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if ((await terminal.question(`${question}? Only "yes" is accepted: `)).trim() !== 'yes') return false;
  } finally {
    terminal.close();
  }
  process.exitCode = EXIT_CODES.done;
  return true;
}
