/** The known name that a text was probably meant to be: one or two letters differ. Undefined if there is none, or it is one. */
export function misspelt(text: string, known: readonly string[]): string | undefined {
  if (known.includes(text)) return undefined;
  const limit = text.length < 12 ? 1 : 2;
  return known.find((name) => Math.abs(name.length - text.length) <= limit && distance(text, name) <= limit);
}

/** How many letters have to be added, removed or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
