/** Characters in a line where the width of the terminal is not known, as in a pipe. */
const USUAL = 80;

/** A column that is narrower than this is hard to read. */
const NARROWEST = 20;

/** Characters in a line of standard output. */
export function terminalWidth(): number {
  return process.stdout.columns || USUAL;
}

/**
 * Text whose lines are at most as long as the terminal is wide. A longer line is continued below, indented like its beginning; a
 * word that is longer than that is left as it is.
 */
export function fitted(text: string, width = terminalWidth()): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      return folded(line.slice(indent.length), width - indent.length).map((part) => indent + part);
    })
    .join('\n');
}

/**
 * Rows as aligned columns that fit into the terminal: the cells of the widest column are continued below where they have to be.
 * Numbers are best aligned by the caller.
 */
export function columns(rows: readonly (readonly string[])[], width = terminalWidth()): string[] {
  const widths = rows.reduce<number[]>(
    (found, row) => row.map((cell, column) => Math.max(cell.length, found[column] ?? 0)),
    [],
  );
  const widest = widths.indexOf(Math.max(...widths));
  const spare = width - widths.reduce((sum, one) => sum + one + 2, -2);
  if (spare < 0) widths[widest] = Math.max(NARROWEST, (widths[widest] ?? 0) + spare);
  return rows.flatMap((row) => {
    const parts = row.map((cell, column) => folded(cell, widths[column] ?? 0));
    const height = Math.max(...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      parts
        .map((cell, column) => (cell[line] ?? '').padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  });
}

/** A line as lines of words. At least one, even of no text. */
function folded(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > 0 ? space : rest.indexOf(' ');
    if (end <= 0) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
