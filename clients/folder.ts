import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FailedError } from '../errors';
import type { FileStore } from './bucket';

/** Files in a folder of this machine, readable by its user only. */
export class Folder implements FileStore {
  constructor(readonly place: string) {}

  create(name: string, content: Uint8Array | string): Promise<void> {
    return this.doing(name, 'created', (file) => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
    });
  }

  read(name: string): Promise<Buffer> {
    return this.doing(name, 'read', (file) => readFileSync(file));
  }

  private async doing<T>(name: string, what: string, work: (file: string) => T): Promise<T> {
    try {
      return work(join(this.place, name));
    } catch (error) {
      const why = { EEXIST: 'it exists already', ENOENT: 'it does not exist' }[
        (error as NodeJS.ErrnoException).code ?? ''
      ];
      const message = why ?? (error as Error).message;
      throw new FailedError(`${join(this.place, name)} could not be ${what}: ${message}`, { cause: error });
    }
  }
}
