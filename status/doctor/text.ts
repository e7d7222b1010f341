import { columns, fitted } from '../../terminal/columns';
import type { Finding } from './check';

const MARKS = { ok: '  ok', 'not ok': '  NOT OK', 'not checked': '  -' } as const;

/** What the checks have found, as text for a terminal: by family, then every fix. */
export function doctorText(findings: readonly Finding[], width?: number): string {
  const families = [...new Set(findings.map(({ family }) => family))];
  const broken = findings.filter((one) => one.state === 'not ok');
  return [
    ...families.flatMap((family) => [
      family,
      ...columns(rowsOf(findings.filter((one) => one.family === family)), width),
    ]),
    '',
    ...(broken.length > 0
      ? ['what to do', ...broken.map(({ check, fix }) => fitted(`  ${check}: ${fix}`, width)), '']
      : []),
    countsOf(findings),
  ].join('\n');
}

/** A row for each check. Those that were not made for the same reason share one. */
function rowsOf(findings: readonly Finding[]): string[][] {
  const made = findings.filter(({ state }) => state !== 'not checked');
  const reasons = new Map<string, string[]>();
  for (const { state, check, says } of findings)
    if (state === 'not checked') reasons.set(says, [...(reasons.get(says) ?? []), check]);
  return [
    ...made.map(({ state, check, says }) => [MARKS[state].padEnd(8), `${check}: ${says}`]),
    ...[...reasons].map(([why, checks]) => [MARKS['not checked'].padEnd(8), `${checks.join(', ')}: ${why}`]),
  ];
}

function countsOf(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((one) => one.state === state).length;
  return `${count('ok')} ok, ${count('not ok')} not ok, ${count('not checked')} not checked`;
}
