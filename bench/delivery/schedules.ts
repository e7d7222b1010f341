import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRefStore } from '../../delivery/git/git-ref-store';
import type { RefUpdate } from '../../delivery/git/ref-store';
import { deploying, FILE, LOCK, MAIN, person, TIMES } from './client';
import { type Choice, type Exploration, Explorer } from './explore';
import { type Position, Run } from './run';

const brief = deploying(false);
const renewing = deploying(true);

/** Explored by the tests. */
export const EXPLORED: Readonly<Record<string, Exploration>> = {
  'three clients, one paused past the expiry': { clients: [brief, brief, brief], losses: 0, pauses: 1 },
  'two clients, an answer lost, one paused past the expiry': { clients: [brief, brief], losses: 1, pauses: 1 },
  'two clients and a person who pushes': { clients: [brief, brief, person], losses: 0, pauses: 1 },
};

/** Explored by the bench as well: minutes. */
export const EXPLORED_LONG: Readonly<Record<string, Exploration>> = {
  'three clients, an answer lost, one paused past the expiry': { clients: [brief, brief, brief], losses: 1, pauses: 1 },
  'two clients that renew, two answers lost, two pauses': { clients: [renewing, renewing], losses: 2, pauses: 2 },
};

/** A schedule, and how it ends in memory. */
export interface Schedule {
  readonly exploration: Exploration;
  readonly choices: readonly Choice[];
  readonly endings: readonly string[];
}

/** Schedules of three clients with lost answers and pauses, chosen at random. @param random - between 0 and 1 */
export async function randomSchedules(count: number, random: () => number): Promise<Schedule[]> {
  const schedules: Schedule[] = [];
  for (let index = 0; index < count; index++) {
    // A person whose answer is lost looks for himself.
    const third = index % 3 === 0 ? { script: person, losses: 0 } : { script: brief, losses: 2 };
    const exploration = { clients: [brief, renewing, third.script], losses: third.losses, pauses: 2 };
    const explorer = new Explorer(exploration);
    const choices: Choice[] = [];
    let state = explorer.start();
    for (;;) {
      const possible = await explorer.choices(state);
      const choice = possible[Math.floor(random() * possible.length)];
      if (!choice) break;
      choices.push(choice);
      state = await explorer.after(state, choice);
    }
    schedules.push({ exploration, choices, endings: await explorer.endings(state) });
  }
  return schedules;
}

/** Runs schedules on a real bare repository, each client with its own clone. */
export class RealRepository {
  private readonly folder = mkdtempSync(join(tmpdir(), 'strata-schedules-'));
  private readonly path = join(this.folder, 'config.git');
  private readonly stores: GitRefStore[] = [];

  /** Creates the repository and opens it for some clients. */
  static async open(clients: number): Promise<RealRepository> {
    const repository = new RealRepository();
    execFileSync('git', ['init', '--quiet', '--bare', '--template=', repository.path]);
    for (let client = 0; client < clients; client++) {
      repository.stores.push(await GitRefStore.open(`file://${repository.path}`));
    }
    return repository;
  }

  /** Runs a schedule on empty refs. @returns how the clients ended, and the lines of the file */
  async run({ exploration, choices }: Schedule): Promise<{ endings: string[]; lines: string[] }> {
    for (const ref of [MAIN, LOCK]) execFileSync('git', ['update-ref', '-d', ref], { cwd: this.path });
    const runs = exploration.clients.map((script, client) => new Run(script, client, this.store(client)));
    const positions = await Promise.all(runs.map((run) => run.first));
    const late = new Map<number, readonly RefUpdate[]>();
    for (const choice of choices) {
      const { client } = choice;
      if (choice.kind === 'deliver') {
        await this.store(client).push(late.get(client) ?? []);
        late.delete(client);
      } else {
        const answer = await this.answer(choice, positions[client], late);
        positions[client] = (await runs[client]?.feed(answer)) ?? (positions[client] as Position);
      }
    }
    return {
      endings: positions.map((at) => ('ending' in at ? at.ending : at.step.kind)),
      lines: execFileSync('git', ['show', `${MAIN}:${FILE}`], { cwd: this.path })
        .toString()
        .split('\n')
        .filter(Boolean),
    };
  }

  close(): void {
    for (const store of this.stores) store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answer({ kind, client }: Choice, at: Position | undefined, late: Map<number, readonly RefUpdate[]>) {
    if (!at || !('step' in at)) throw new Error(`client ${client} has ended, unlike in memory`);
    const { step } = at;
    if (step.kind === 'read') return this.store(client).read(...step.refs);
    if (step.kind === 'sleep') return kind === 'oversleep' ? TIMES.lease : step.ms;
    if (kind !== 'lose') return this.store(client).push(step.updates);
    late.set(client, step.updates);
    return 'lost';
  }

  private store(client: number): GitRefStore {
    const store = this.stores[client];
    if (!store) throw new Error(`there is no client ${client}`);
    return store;
  }
}

/** A random number generator that gives the same numbers again: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
