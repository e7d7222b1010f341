import { setTimeout } from 'node:timers/promises';
import type { Listening } from './http';
import type { ServedProviders } from './protocol/server';
import { locksIn } from './storage/bucket';
import type { World } from './world';

const CHECK_MS = 50;

/** Milliseconds without a sign of life after which a terraform that holds a lock counts as dead. */
const SILENCE_MS = 5000;

/** Milliseconds after which the user sees what is waited for, and a signal ends the wait. */
const QUIET_WAIT_MS = 1000;

/** Where signs of life of terraform are seen. */
export interface Signs {
  readonly world: World;
  readonly providers: Pick<ServedProviders, 'clients' | 'cutOff'>;
  readonly server: Pick<Listening, 'idle'>;
}

/**
 * Watches what terraform does while a command runs, whatever started it there: cdktf takes one that was killed for one
 * that is done, and may end before its own does.
 *
 * @returns what is called when the command has ended: waits for what still runs, and resolves to what terraform has left
 * behind, a sentence each.
 */
export function watchTerraform({ world, providers, server }: Signs): () => Promise<string[]> {
  const before = new Set(locksIn(world).map(({ id }) => id));
  const cutOffBefore = providers.cutOff.length;
  const left = () => locksIn(world).filter(({ id }) => !before.has(id));
  const isRunning = () => providers.clients() > 0 || (left().length > 0 && server.idle() < SILENCE_MS);
  return async () => {
    await whileRunning(isRunning);
    const types = [...new Set(providers.cutOff.slice(cutOffBefore))];
    return [
      ...(types.length > 0
        ? [`terraform was killed while it changed ${types.join(', ')}: that may be missing in its state`]
        : []),
      ...left().map(
        ({ path, id }) =>
          `terraform ended without releasing its state lock gs://${path}, and may not have written all of the state; when no other runs, release it with: terraform force-unlock ${id}`,
      ),
    ];
  };
}

/** Waits for as long as something runs, or until a signal ends the waiting. */
async function whileRunning(isRunning: () => boolean): Promise<void> {
  const begin = Date.now();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let told = false;
  let unwanted = false;
  // npm passes on what the terminal has already sent: those do not count.
  const giveUp = () => {
    unwanted = told;
  };
  for (const signal of signals) process.on(signal, giveUp);
  try {
    while (isRunning() && !unwanted) {
      if (!told && Date.now() - begin > QUIET_WAIT_MS) {
        told = true;
        console.error('sandbox: waiting for terraform to end; press Ctrl-C to stop waiting');
      }
      await setTimeout(CHECK_MS);
    }
  } finally {
    for (const signal of signals) process.off(signal, giveUp);
  }
}
