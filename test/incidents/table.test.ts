import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(__dirname, '../../docs');
const rows = readFileSync(join(DOCS, 'incidents.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (incident|-)/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | ?\|$/g, '').trim()));
const links = (cell = '') => [...cell.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');

test('every test of an incident is in the table, and every file in the table exists', () => {
  const named = rows.flatMap((cells) => cells.flatMap(links));
  for (const link of named) expect([link, existsSync(join(DOCS, link))]).toEqual([link, true]);
  const tests = readdirSync(__dirname).filter((file) => file.endsWith('.test.ts') && file !== 'table.test.ts');
  for (const file of tests) expect(named).toContain(`../test/incidents/${file}`);
});

test.each(rows)('%s: names a test unless nothing stops it yet', (_, stoppedBy, ...rest) => {
  expect(links(rest.at(-1)).length > 0).toBe(stoppedBy !== 'not yet');
});
