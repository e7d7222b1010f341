import { MemoryRefStore } from '../../delivery/git/memory-ref-store';
import type { CommitId, RefUpdate } from '../../delivery/git/ref-store';
import { FILE, LOCK, MAIN, person, type Script, TIMES } from './client';
import { checkEnding, checkMove } from './invariants';
import { type Answer, type Position, Run } from './run';

/** One decision of a schedule. */
export type Choice =
  /** The step of a client happens. */
  | { readonly kind: 'step'; readonly client: number }
  /** Its push is sent, and its answer lost: the push arrives when it is delivered, perhaps never. */
  | { readonly kind: 'lose'; readonly client: number }
  /** It is paused in its sleep for longer than the lease. */
  | { readonly kind: 'oversleep'; readonly client: number }
  /** A push whose answer was lost arrives. */
  | { readonly kind: 'deliver'; readonly client: number };

/** The answers that a client was given, as a node of the tree of all such lists: equal lists are one node. */
class Trace {
  private static count = 0;
  readonly id = Trace.count++;
  position: Position | undefined;
  /** A client that has stopped here, and may go on to one of the children. */
  run: Run | undefined;
  private readonly children = new Map<string, Trace>();

  constructor(
    readonly answers: readonly Answer[] = [],
    readonly parent?: Trace,
  ) {}

  with(answer: Answer): Trace {
    const key = JSON.stringify(answer);
    const known = this.children.get(key) ?? new Trace([...this.answers, answer], this);
    this.children.set(key, known);
    return known;
  }
}

interface State {
  readonly refs: ReadonlyMap<string, CommitId>;
  readonly traces: readonly Trace[];
  /** Pushes whose answers were lost, and who sent them. */
  readonly late: readonly { readonly client: number; readonly updates: readonly RefUpdate[] }[];
  /** How many more answers may be lost, and clients overslept. */
  readonly losses: number;
  readonly pauses: number;
}

/** What is explored. */
export interface Exploration {
  readonly clients: readonly Script[];
  /** Answers that may be lost, in all. */
  readonly losses: number;
  /** Pauses past the expiry, in all. */
  readonly pauses: number;
}

/** What was found. Every invariant that does not hold throws. */
export interface Found {
  readonly states: number;
  readonly transitions: number;
  /** How often each combination of endings was reached. */
  readonly endings: ReadonlyMap<string, number>;
}

/** All schedules of some clients. A crash needs no decision: a client that is never scheduled again has crashed. */
export class Explorer {
  /** Commits of all schedules: they are known by their content. */
  private readonly commits = new MemoryRefStore();
  private readonly roots: readonly Trace[];
  private readonly endingAlone = new Map<string, boolean>();

  constructor(private readonly exploration: Exploration) {
    this.roots = exploration.clients.map(() => new Trace());
  }

  /** The state before the first step. */
  start(): State {
    const { losses, pauses } = this.exploration;
    return { refs: new Map(), traces: this.roots, late: [], losses, pauses };
  }

  /** Visits every state that any schedule reaches. @throws Error when one of them breaks an invariant */
  async all(): Promise<Found> {
    const seen = new Set([keyOf(this.start())]);
    const open = [this.start()];
    const endings = new Map<string, number>();
    let transitions = 0;
    for (let state = open.pop(); state; state = open.pop()) {
      const choices = await this.choices(state);
      await this.check(state);
      if (choices.length === 0) {
        const reached = (await this.endings(state)).sort().join(' ');
        endings.set(reached, (endings.get(reached) ?? 0) + 1);
      }
      for (const choice of choices) {
        const next = await this.after(state, choice);
        await this.position(next, choice.client);
        const key = keyOf(next);
        transitions++;
        if (seen.has(key)) continue;
        seen.add(key);
        open.push(next);
      }
    }
    return { states: seen.size, transitions, endings };
  }

  /**
   * What may happen next. While a client sleeps, only its waking up: it concerns no other client, so that every order with the
   * steps of others leads to the same states.
   */
  async choices(state: State): Promise<Choice[]> {
    const choices: Choice[] = state.late.map(({ client }) => ({ kind: 'deliver', client }));
    for (let client = 0; client < state.traces.length; client++) {
      const at = await this.position(state, client);
      if (!('step' in at)) continue;
      const step: Choice = { kind: 'step', client };
      if (at.step.kind === 'sleep') return state.pauses > 0 ? [step, { kind: 'oversleep', client }] : [step];
      choices.push(step);
      if (at.step.kind === 'push' && state.losses > 0) choices.push({ kind: 'lose', client });
    }
    return choices;
  }

  /** The state after one decision. */
  async after(state: State, { kind, client }: Choice): Promise<State> {
    if (kind === 'deliver') {
      const late = state.late.filter((push) => push.client !== client);
      const { refs } = await this.moved(
        state.refs,
        state.late.find((push) => push.client === client)?.updates ?? [],
        client,
      );
      return { ...state, late, refs };
    }
    const at = await this.position(state, client);
    if (!('step' in at)) throw new Error(`client ${client} has ended`);
    const { step } = at;
    const answered = (answer: Answer, change: Partial<State> = {}): State => ({
      ...state,
      ...change,
      traces: state.traces.map((trace, index) => (index === client ? trace.with(answer) : trace)),
    });
    if (step.kind === 'read') {
      return answered(Object.fromEntries(step.refs.map((ref) => [ref, state.refs.get(ref) ?? null])));
    }
    if (step.kind === 'sleep') {
      return kind === 'oversleep' ? answered(TIMES.lease, { pauses: state.pauses - 1 }) : answered(step.ms);
    }
    if (kind === 'lose') {
      // Sent again by the client, the same push is on its way only once.
      const late = [...state.late.filter((push) => push.client !== client), { client, updates: step.updates }];
      return answered('lost', { late, losses: state.losses - 1 });
    }
    const { refs, outcome } = await this.moved(state.refs, step.updates, client);
    return answered(outcome, { refs });
  }

  /** How the clients of a last state ended. */
  async endings(state: State): Promise<string[]> {
    const positions = await Promise.all(state.traces.map((_, client) => this.position(state, client)));
    return positions.map((at) => ('ending' in at ? at.ending : at.step.kind));
  }

  private async position({ traces }: State, client: number): Promise<Position> {
    const trace = traces[client];
    if (!trace) throw new Error(`there is no client ${client}`);
    trace.position ??= await this.arrive(client, trace);
    return trace.position;
  }

  /** Lets a client go on from the answer before the last one, or else from its beginning. */
  private async arrive(client: number, trace: Trace): Promise<Position> {
    const last = trace.answers.at(-1);
    const script = this.exploration.clients[client];
    if (!script) throw new Error(`there is no client ${client}`);
    if (trace.parent?.run && last !== undefined) {
      trace.run = trace.parent.run;
      trace.parent.run = undefined;
      return trace.run.feed(last);
    }
    trace.run = new Run(script, client, this.commits);
    let position = await trace.run.first;
    for (const answer of trace.answers) position = await trace.run.feed(answer);
    return position;
  }

  private async moved(before: ReadonlyMap<string, CommitId>, updates: readonly RefUpdate[], client: number) {
    const { refs } = this.commits;
    refs.clear();
    for (const [ref, id] of before) refs.set(ref, id);
    const outcome = await this.commits.push(updates);
    const after = new Map(refs);
    if (outcome === 'pushed')
      await checkMove(this.commits, before, after, client, this.exploration.clients[client] !== person);
    return { refs: after, outcome };
  }

  private async check(state: State): Promise<void> {
    const head = state.refs.get(MAIN);
    const lines = (head && (await this.commits.file(head, FILE)))?.split('\n') ?? [];
    for (let client = 0; client < state.traces.length; client++) {
      const at = await this.position(state, client);
      if ('ending' in at) checkEnding(client, at.ending, lines);
      else if (!(await this.endsAlone(state, client))) {
        throw new Error(`client ${client} never ends when the others have crashed`);
      }
    }
  }

  /** True when a client ends, and with the lock if it may outlast the lease, once no other client does anything: no deadlock. */
  private async endsAlone(state: State, client: number): Promise<boolean> {
    const key = `${client} ${state.refs.get(MAIN)} ${state.refs.get(LOCK)} ${state.traces[client]?.id}`;
    const known = this.endingAlone.get(key);
    if (known !== undefined) return known;
    let at: State = { ...state, late: [], losses: 0, pauses: 1 };
    for (let steps = 0; steps < 30; steps++) {
      const position = await this.position(at, client);
      if ('ending' in position) {
        this.endingAlone.set(key, true);
        return true;
      }
      const oversleeps = position.step.kind === 'sleep' && at.pauses > 0;
      at = await this.after(at, { kind: oversleeps ? 'oversleep' : 'step', client });
    }
    return false;
  }
}

function keyOf({ refs, traces, late, losses, pauses }: State): string {
  const pushes = late.map(({ client, updates }) => `${client}:${updates.map(({ next }) => next)}`);
  // How a client came to its end no longer matters.
  const clients = traces.map(({ id, position }) => (position && 'ending' in position ? position.ending : id));
  return `${refs.get(MAIN)} ${refs.get(LOCK)} ${clients} ${pushes} ${losses} ${pauses}`;
}
