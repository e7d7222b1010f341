/** What could be read, or in one line why not. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

/** Reads a part; what it throws becomes a problem in one line. */
export async function reading<T>(read: () => T | Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const lines = message.split('\n').flatMap((line) => line.trim() || []);
    return { problem: lines.slice(0, 2).join(': ') || 'no reason given' };
  }
}
