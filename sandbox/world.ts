import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SimulatedClock } from './clock';
import { messageOf } from './errors';
import { assertWorld, type CloudObject, emptyWorld, type WorldData } from './world-data';

export type * from './world-data';

/**
 * Real milliseconds between a change and its writing. A kill in between loses the state of terraform together with the
 * resources in it: both are in the world.
 */
const SAVE_MS = 25;

/** The simulated clouds as a whole. Knows no resource type: the other folders interpret its data. */
export class World {
  readonly clock: SimulatedClock;
  /**
   * `machine` (key: string) whenever a machine boots, stops or is deleted; `image` (repository: string) when one was pushed.
   */
  readonly events = new EventEmitter<{ machine: [key: string]; image: [repository: string] }>();
  private saving: NodeJS.Timeout | undefined;
  private unsaved = false;

  private constructor(
    readonly data: WorldData,
    private readonly file: string | undefined,
  ) {
    this.clock = new SimulatedClock(data.time);
  }

  /** A world that is kept in memory and never written. @param start - RFC 3339. */
  static inMemory(start = '2026-01-05T02:00:00Z'): World {
    return new World(emptyWorld(Date.parse(start)), undefined);
  }

  /** The world kept in `file`, or an empty one that will be kept there. */
  static open(file: string, start = Date.now()): World {
    try {
      const data: unknown = JSON.parse(readFileSync(file, 'utf8'));
      assertWorld(data);
      return new World({ ...emptyWorld(start), ...data }, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new World(emptyWorld(start), file);
      throw new Error(`cannot read the sandbox's world ${file}: ${messageOf(error)}; start over with --fresh`);
    }
  }

  /** The object of that type and key. */
  get(type: string, key: string): CloudObject | undefined {
    return this.data.resources[type]?.[key];
  }

  /** All objects of a type, in the order of their creation. */
  list(type: string): CloudObject[] {
    return Object.values(this.data.resources[type] ?? {});
  }

  /** Keeps an object, new or changed. */
  put(object: CloudObject): void {
    const ofType = this.data.resources[object.type] ?? {};
    ofType[object.key] = object;
    this.data.resources[object.type] = ofType;
    this.changed();
  }

  /** Takes an object away. */
  remove(type: string, key: string): void {
    delete this.data.resources[type]?.[key];
    this.changed();
  }

  /** A numeric id as Google hands them out: unique in this world and the same in every run. */
  nextId(): string {
    this.data.lastId++;
    return String(4_000_000_000_000_000_000n + BigInt(this.data.lastId));
  }

  /** A UUID. */
  uuid(): string {
    return randomUUID();
  }

  /** Says that the data changed: it is written soon, together with what changes until then. */
  changed(): void {
    if (!this.file || this.saving) return;
    this.saving = setTimeout(() => this.saveIfPossible(), SAVE_MS);
  }

  /** A full disk must not end the process: the next change, or the end, tries again. */
  private saveIfPossible(): void {
    try {
      this.save();
    } catch (error) {
      if (!this.unsaved) console.error(`sandbox: ${messageOf(error)}`);
      this.unsaved = true;
    }
  }

  /**
   * Writes the world now, by a rename: a reader, or a kill, never meets half of it.
   *
   * @throws Error when it cannot be written; the file is then as it was before.
   */
  save(): void {
    clearTimeout(this.saving);
    this.saving = undefined;
    if (!this.file) return;
    this.data.time = this.clock.now();
    mkdirSync(dirname(this.file), { recursive: true });
    const temporary = `${this.file}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify(this.data), { mode: 0o600 });
      renameSync(temporary, this.file);
      this.unsaved = false;
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw new Error(
        `cannot save the simulated clouds to ${this.file}: ${messageOf(error)}; what has changed since the last time is lost`,
      );
    }
  }
}
