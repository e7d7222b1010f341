import type { EnvironmentPlan, RehearsedChange } from '../../terraform/planning/result';
import { layerLines, refusalLines } from '../../terraform/planning/text';
import type { MonthlyCost } from '../costs';
import { type RehearsalReport, span } from '../report';

/** What a change does to a running environment, as a rehearsal on simulated clouds shows it. */
export interface ChangeReport {
  readonly platform: string;
  readonly env: string;
  /** The commit or branch that the environment was built from. */
  readonly from: string;
  /** Always true: the clouds were simulated. */
  readonly simulated: true;
  /** Layers that the change does not touch. */
  readonly same: readonly string[];
  /** What terraform planned and applied, with what the guards and the contracts found. */
  readonly plan: EnvironmentPlan;
  /** Simulated seconds in which the application did not serve, in all. */
  readonly downSeconds: number;
  /** What became of the data: `kept`, or why not. */
  readonly data: string;
  /** Figures before the change. */
  readonly before: Figures;
  /** Figures after it. @default - the change could not be applied, or its recoveries were not rehearsed */
  readonly after?: Figures;
  /** What failed, when something did. */
  readonly failure?: { readonly step: string; readonly message: string };
}

/** What is compared. */
export interface Figures {
  readonly resources: number;
  readonly arguments: RehearsalReport['arguments'];
  readonly recovery: RehearsalReport['recovery'];
  readonly cost?: MonthlyCost | undefined;
}

/** How the change ends: it passes, a guard or a contract refuses it, or it breaks something. */
export function verdictOf({ plan, failure, data }: ChangeReport): 'passes' | 'refused' | 'breaks' {
  if (failure || data !== 'kept') return 'breaks';
  return plan.guards.length > 0 || plan.contracts.length > 0 ? 'refused' : 'passes';
}

/** The figures of a rehearsal. */
export function figuresOf({ resources, recovery, cost, ...report }: RehearsalReport): Figures {
  return {
    resources: Object.values(resources).reduce((sum, count) => sum + count, 0),
    arguments: report.arguments,
    recovery,
    cost,
  };
}

/** The report as text for a terminal. */
export function changeText(report: ChangeReport): string {
  const { platform, env, from, same, plan } = report;
  const lines = new Map<string, readonly string[]>([
    ...same.map((layer) => [layer, [`${layer}  same configuration`]] as const),
    ...plan.layers.map((one) => [one.layer, layerLines(one)] as const),
  ]);
  return [
    `Change rehearsal on simulated clouds: ${platform} ${env}, from ${from}`,
    '',
    ...[...lines].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, of]) => of),
    ...refusalLines(plan),
    '',
    ...consequences(report),
  ].join('\n');
}

/** What a comment on a pull request is made of. */
export function resultOf(report: ChangeReport): RehearsedChange {
  return { plan: report.plan, lines: consequences(report).filter(Boolean) };
}

/** What the change does to the application, its data and its recoveries, a line each. */
function consequences(report: ChangeReport): string[] {
  const { downSeconds, data, before, after, failure } = report;
  return [
    `served          ${downSeconds === 0 ? 'throughout' : `not for ${span(downSeconds)}`}`,
    `data            ${data}`,
    ...(failure ? [`failed          at "${failure.step}": ${reasonOf(failure.message)}`] : []),
    ...(after ? ['', ...comparison(before, after)] : []),
    '',
    `the change ${SENTENCES[verdictOf(report)]}`,
  ];
}

const SENTENCES = {
  passes: 'passes',
  refused: 'is refused: see the guards and contracts above',
  breaks: 'breaks the environment: do not apply it',
} as const;

function comparison(before: Figures, after: Figures): string[] {
  const rows: [string, string, string][] = [
    ['', 'before', 'after'],
    ['layer rebuild', pause(before), pause(after)],
    ['disk restore', restore(before, 'rtoSeconds'), restore(after, 'rtoSeconds')],
    ['age of the data', restore(before, 'rpoSeconds'), restore(after, 'rpoSeconds')],
    ['cost a month', cost(before), cost(after)],
    ['resources', String(before.resources), String(after.resources)],
    ['unread arguments', String(before.arguments.accepted), String(after.arguments.accepted)],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map(([name, old, now]) =>
    `${name.padEnd(widths[0] ?? 0)}  ${old.padEnd(widths[1] ?? 0)}  ${now}`.trimEnd(),
  );
}

function pause({ recovery: { layerRebuild } }: Figures): string {
  return layerRebuild ? `${span(layerRebuild.rtoSeconds)}, data ${layerRebuild.data}` : '-';
}

function restore({ recovery: { diskRestore } }: Figures, key: 'rtoSeconds' | 'rpoSeconds'): string {
  return diskRestore ? span(diskRestore[key]) : '-';
}

function cost({ cost: known }: Figures): string {
  return known ? `${known.month.toFixed(2)} ${known.currency}` : '-';
}

/** The line of a message that says what went wrong: terraform's own, where it is about a plan that is shown in full above. */
function reasonOf(message: string): string {
  const lines = message.trim().split('\n');
  return lines.find((line) => line.startsWith('Error: ')) ?? lines.join(' ');
}
