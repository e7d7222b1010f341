import { format } from 'node:util';
import { forTerminal } from '../escape';

/**
 * Guards what this process prints: nothing that it has read from elsewhere can control the terminal, a reader such as head that
 * ends early does not end it, and output that cannot be written is an error without a stack trace.
 */
export function guardOutput(): void {
  const { stdout, stderr } = process;
  const failures = new Set<string>();
  for (const stream of [stdout, stderr]) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      // A reader that ends early must not stop the command halfway.
      if (code === 'EPIPE' || failures.has(message)) return;
      failures.add(message);
      if (stream === stdout)
        stderr.write(`cannot write the output: ${forTerminal(message)}; free some space, or send it elsewhere\n`);
      process.on('exit', (exitCode) => {
        process.exitCode = exitCode || 1;
      });
    });
  }
  const printTo =
    (stream: NodeJS.WriteStream) =>
    (...words: unknown[]) =>
      void stream.write(`${forTerminal(format(...words))}\n`);
  console.log = printTo(stdout);
  console.error = printTo(stderr);
}
