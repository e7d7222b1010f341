import type { Check } from '../../recovery/restore-facts';
import type { RestorePlan } from '../../recovery/restore-plan';
import { columns, fitted } from '../../terminal/columns';
import type { PlanSummary } from '../../terraform/plan';

const OUTCOMES: Readonly<Record<Check['outcome'], string>> = {
  passed: 'ok',
  refused: 'REFUSED',
  note: 'note',
  later: 'after boot',
};

/** The plan of a restore for a terminal: what is replaced, what is kept, and one line for each check with its source. */
export function restoreText({ snapshot, restore, checks }: RestorePlan, changes?: PlanSummary): string {
  const rows = checks.map(({ outcome, subject, source, finding, next }) => [
    OUTCOMES[outcome],
    subject,
    source,
    outcome === 'refused' && next ? `${finding}; ${next}` : finding,
  ]);
  return [
    fitted(
      `restore generation ${restore.generation} of the boot disk from ${snapshot.name}, made after layer ${snapshot.layer || '(none)'}`,
    ),
    '',
    ...(changes ? [...changesText(changes), ''] : []),
    ...columns([['', 'check', 'source', 'finding'], ...rows]),
  ].join('\n');
}

function changesText({ changes, replaced, forgotten }: PlanSummary): string[] {
  const created = changes.filter(({ change }) => change.actions.join() === 'create').map(({ address }) => address);
  const updated = changes.filter(({ change }) => change.actions.includes('update')).map(({ address }) => address);
  const rows: [string, readonly string[]][] = [
    ['replaced', replaced],
    ['created', created],
    ['changed', updated],
    ['kept outside', forgotten],
  ];
  return columns([
    ...rows.filter(([, addresses]) => addresses.length > 0).map(([what, addresses]) => [what, addresses.join(', ')]),
    ['kept', 'everything else: address, network, names, secrets, schedules, snapshots'],
  ]);
}
