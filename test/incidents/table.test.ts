import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(__dirname, '../../docs');
const SCENARIOS = '../test/incidents/';
const rows = readFileSync(join(DOCS, 'incidents.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (incident|-)/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | ?\|$/g, '').trim()));
const links = (cell = '') => [...cell.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');
const scenariosOf = (cells: readonly string[]) => links(cells.at(-1)).filter((link) => link.startsWith(SCENARIOS));
const PREVENTED = ['schema', 'synth', 'tree', 'rehearsal', 'guard'];

test('every scenario is in the table, and every file in the table exists', () => {
  const named = rows.flatMap((cells) => cells.flatMap(links));
  for (const link of named) expect([link, existsSync(join(DOCS, link))]).toEqual([link, true]);
  const tests = readdirSync(__dirname).filter((file) => file.endsWith('.test.ts') && file !== 'table.test.ts');
  for (const file of tests) expect(named).toContain(`${SCENARIOS}${file}`);
});

test('every incident is in the table once', () => {
  const incidents = rows.map(([incident]) => incident);
  expect(incidents).toEqual([...new Set(incidents)]);
});

test.each(rows)('%s: is prevented or detected, and has a scenario', (incident, prevented = '', ...rest) => {
  expect(prevented.split(', ').filter((one) => !PREVENTED.includes(one))).toEqual([]);
  const scenarios = scenariosOf(rest);
  expect(scenarios).not.toEqual([]);
  for (const scenario of scenarios) {
    const isShared = rows.filter((cells) => scenariosOf(cells).includes(scenario)).length > 1;
    if (isShared)
      expect(readFileSync(join(DOCS, scenario), 'utf8')).toMatch(
        new RegExp(`(test|describe)[\\s\\S]*?\\('${incident}`),
      );
  }
});
