import { messageOf } from '../errors';

/** A value that was read, or the reason why it could not be read, in one line. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

/** Reads a value; an error becomes a problem in one line. */
export async function reading<T>(read: () => T | Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    const lines = messageOf(error)
      .split('\n')
      .flatMap((line) => line.trim() || []);
    return { problem: lines.slice(0, 2).join(': ') || 'no reason given' };
  }
}
