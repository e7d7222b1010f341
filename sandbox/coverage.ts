/** How many configured arguments a rule of the sandbox has checked. */
export interface Coverage {
  /** Arguments with a rule. */
  checked: number;
  /** Arguments that were taken as they are, unread. */
  accepted: number;
}

/** Counts configured arguments, each once per resource object. */
export class CoverageCounter {
  private readonly seen = new Map<string, boolean>();

  /** @param path - the argument's path, list indexes left out. */
  count(type: string, key: string, path: string, checked: boolean): void {
    this.seen.set(`${type}\n${key}\n${path}`, checked);
  }

  total(): Coverage {
    const checked = [...this.seen.values()].filter(Boolean).length;
    return { checked, accepted: this.seen.size - checked };
  }

  /** Types and paths accepted unread, most frequent first: the list of rules to write next. */
  unread(): { argument: string; count: number }[] {
    const counts = new Map<string, number>();
    for (const [name, checked] of this.seen) {
      const [type, , path] = name.split('\n');
      if (!checked) counts.set(`${type}.${path}`, (counts.get(`${type}.${path}`) ?? 0) + 1);
    }
    return [...counts].map(([argument, count]) => ({ argument, count })).sort((a, b) => b.count - a.count);
  }
}
