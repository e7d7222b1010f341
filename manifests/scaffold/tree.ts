import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PlatformError } from '../../platforms/schema/problems';

/** A tree of files as it would be after some changes, which `save` makes all or none of. Paths are relative to its root. */
export class Tree {
  /** The new text of a file, or undefined for one that is deleted. */
  private readonly changed = new Map<string, string | undefined>();

  constructor(readonly root: string) {}

  /** The current content of a file. @throws if it does not exist. */
  read(path: string): string {
    return this.changed.get(path) ?? readFileSync(join(this.root, path), 'utf8');
  }

  /** True when there is such a file or folder, now or after the changes. */
  has(path: string): boolean {
    return this.changed.has(path) ? this.changed.get(path) !== undefined : existsSync(join(this.root, path));
  }

  /** Makes a file. @throws {PlatformError} when it is there already. */
  create(path: string, text: string): void {
    if (this.has(path)) throw new PlatformError(path, ['the file already exists; remove it, or choose another name']);
    this.write(path, text);
  }

  /** Writes a file, new or existing. */
  write(path: string, text: string): void {
    this.changed.set(path, text);
  }

  /** Deletes a file. */
  remove(path: string): void {
    this.changed.set(path, undefined);
  }

  /** Changes a file by a function of its text. */
  edit(path: string, change: (text: string) => string): void {
    this.write(path, change(this.read(path)));
  }

  /** Names of folders in a folder, sorted; none when there is no such folder. */
  folders(path: string): string[] {
    return this.entries(path).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  }

  /** All files below a folder, sorted, without the changes. */
  files(path: string): string[] {
    return this.entries(path).flatMap((entry) => {
      const inner = join(path, entry.name);
      return entry.isDirectory() ? this.files(inner) : [inner];
    });
  }

  /** What would be written: path and text, new files and changed ones in the order of their paths. */
  changes(): { readonly path: string; readonly before?: string; readonly after?: string }[] {
    return [...this.changed].sort().map(([path, after]) => {
      const isNew = !existsSync(join(this.root, path));
      return {
        path,
        ...(after !== undefined && { after }),
        ...(!isNew && { before: readFileSync(join(this.root, path), 'utf8') }),
      };
    });
  }

  /** Writes the changes: all of them, or after a failure none. @throws what the failure was. */
  save(): void {
    const changes = this.changes();
    try {
      for (const { path, after } of changes) {
        if (after === undefined) {
          rmSync(join(this.root, path), { force: true });
          continue;
        }
        mkdirSync(dirname(join(this.root, path)), { recursive: true });
        writeFileSync(join(this.root, path), after);
      }
    } catch (error) {
      for (const { path, before } of changes) {
        if (before === undefined) rmSync(join(this.root, path), { force: true });
        else writeFileSync(join(this.root, path), before);
      }
      throw error;
    }
  }

  private entries(path: string) {
    const folder = join(this.root, path);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
