import type { Clock } from '../../clients/clock';
import { type PushOutcome, type RefStore, type RefUpdate, UnknownOutcomeError } from '../git/ref-store';

/** Attempts of a push whose responses are lost. */
const TRIES = 4;

/**
 * Pushes, and sends the same commits again when the answer is lost. If the first push arrived, Git has nothing left to do and
 * says so; if it arrives after the second, it finds the refs moved and is refused. `stale` may therefore also mean that the
 * first push arrived and somebody else has pushed since: who calls this reads the refs to tell.
 *
 * @throws {UnknownOutcomeError} when the remote does not answer
 */
export async function settledPush(store: RefStore, updates: readonly RefUpdate[], clock: Clock): Promise<PushOutcome> {
  for (let tries = 1; ; tries++) {
    try {
      return await store.push(updates);
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError) || tries === TRIES) throw error;
      await clock.sleep(1000 * tries);
    }
  }
}
