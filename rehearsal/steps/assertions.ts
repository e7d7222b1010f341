import type { Rehearsal } from '../rehearsal';

/** The content of the marker file that a recovery must bring back. */
export const FIRST_MARKER = 'first marker';

/** Succeeds if both lists are equal. @throws with both of them. */
export function assertSame(what: string, before: readonly string[], after: readonly string[]): void {
  if (before.join('\n') === after.join('\n')) return;
  throw new Error(`${what} changed: before ${before.join(', ') || 'none'}; now ${after.join(', ') || 'none'}`);
}

/**
 * Succeeds if the application's volume has the first marker.
 *
 * @param after - what happened to the volume, for the message.
 */
export async function assertMarker({ ground, namespace }: Rehearsal, after: string): Promise<void> {
  const marker = await ground.readMarker(namespace);
  if (marker === FIRST_MARKER) return;
  throw new Error(
    `data lost after ${after}: expected the marker "${FIRST_MARKER}", found ${marker ? `"${marker}"` : 'none'}`,
  );
}

/** Unique ids of pods, sorted. */
export function uids(pods: readonly { readonly uid: string }[]): string[] {
  return pods.map((pod) => pod.uid).sort();
}
