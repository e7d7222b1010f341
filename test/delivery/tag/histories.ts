import type { History } from '../../../delivery/tag/ancestry';

/** A commit graph in memory: the parents of each commit, which are older. */
export class MemoryHistory implements History {
  private readonly ids: readonly string[];

  /** @param parents - of each commit, by its place in the list */
  constructor(
    private readonly parents: readonly (readonly number[])[],
    idOf = (index: number) => (index + 0xabc0000).toString(16).padEnd(40, '0'),
  ) {
    this.ids = parents.map((_, index) => idOf(index));
  }

  /** The tag of a commit: its first 7 characters. */
  tag(index: number): string {
    return (this.ids[index] ?? '').slice(0, 7);
  }

  async find(abbreviation: string): Promise<string | undefined> {
    const found = this.ids.filter((id) => id.startsWith(abbreviation));
    return found.length === 1 ? found[0] : undefined;
  }

  async descends(commit: string, ancestor: string): Promise<boolean> {
    const open = [this.ids.indexOf(commit)];
    const seen = new Set(open);
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.ids[index] === ancestor) return true;
      for (const parent of this.parents[index] ?? []) {
        if (!seen.has(parent)) open.push(parent);
        seen.add(parent);
      }
    }
    return false;
  }
}
