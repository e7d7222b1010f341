import { createHash } from 'node:crypto';

/** The number that Google has given a project: twelve digits, here always the same for the same id. */
export function projectNumber(id: string): string {
  const digest = createHash('sha256').update(id).digest();
  return String(100_000_000_000 + (digest.readUIntBE(0, 6) % 900_000_000_000));
}
