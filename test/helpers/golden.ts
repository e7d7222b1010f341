import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDER = join(__dirname, '../golden');

/** Compares a text with its golden file. `UPDATE_GOLDENS=1` writes the file instead. */
export function expectGolden(file: string, text: string): void {
  const path = join(FOLDER, file);
  if (process.env['UPDATE_GOLDENS']) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** JSON to read and review: keys sorted, texts of several lines as lists of lines, cdktf's own notes left out. */
export function readable(value: unknown): string {
  return `${JSON.stringify(simplify(value), null, 2)}\n`;
}

function simplify(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\n') ? value.split('\n') : value;
  if (Array.isArray(value)) return value.map(simplify);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => key !== '//');
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, simplify(inner)]));
}
