/** The known name that a text was probably meant to be: one letter differs, or two in a long one. Undefined if there is none, or it is one. */
export function misspelt(text: string, known: readonly string[]): string | undefined {
  if (known.includes(text)) return undefined;
  const limit = text.length < 12 ? 1 : 2;
  return known.find((name) => Math.abs(name.length - text.length) <= limit && distance(text, name) <= limit);
}

/** How many letters have to be added, removed, replaced or swapped with the next one. */
function distance(a: string, b: string): number {
  let [last, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const isSwapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      next.push(
        Math.min(
          (next[j] ?? 0) + 1,
          (row[j + 1] ?? 0) + 1,
          (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1),
          isSwapped ? (last[j - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [last, row] = [row, next];
  }
  return row.at(-1) ?? 0;
}
