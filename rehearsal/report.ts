import type { MonthlyCost } from './costs';
import { textTable } from './text-table';

/** The result of one step. */
export interface StepReport {
  readonly name: string;
  /** Layer id, or '' for a step that concerns none. */
  readonly layer: string;
  readonly ok: boolean;
  readonly wallSeconds: number;
  readonly simulatedSeconds: number;
  /** Seconds that the step took on real clouds. @default - no comparison */
  readonly realSeconds?: number;
  readonly added: number;
  readonly changed: number;
  readonly destroyed: number;
}

/** The content of `reports/rehearsal.json`. Simulated times and recovery times (RTO, RPO) are estimates. */
export interface RehearsalReport {
  ok: boolean;
  readonly platform: string;
  readonly env: string;
  /** Always true: the clouds were simulated; terraform, git and kustomize were real. */
  readonly simulated: true;
  readonly steps: StepReport[];
  /** Number of resources in each layer's state once everything was deployed. */
  readonly resources: Record<string, number>;
  /** Number of configured arguments that a rule of the sandbox checked, and that it accepted unread. */
  arguments: { checked: number; accepted: number };
  /** Simulated seconds from the push of an image to its pod, if Image Updater delivers. */
  imageUpdaterSeconds?: number;
  /** Simulated seconds until everything was ready, and the state of the data, if CI applies the manifests. */
  pushApply?: { readonly readySeconds: number; readonly data: string };
  /** Monthly cost of 00-vpc by list prices. */
  cost?: MonthlyCost;
  readonly recovery: {
    layerRebuild?: { rtoSeconds: number; data: string };
    diskRestore?: { rtoSeconds: number; rpoSeconds: number; data: string };
  };
  /** Steps of the real run without a counterpart in this rehearsal. */
  readonly notCompared?: readonly string[];
  /** The failed step, if any. */
  failure?: { readonly step: string; readonly message: string };
  /** True if a signal ended the rehearsal. `failure` then has the running or the next step. */
  interrupted?: true;
}

/** The report as a table for a terminal. */
export function renderReport(report: RehearsalReport): string {
  const compared = isCompared(report.steps);
  const rows = report.steps.map((step) => [step.ok ? 'ok' : 'FAILED', ...stepCells(step, compared)]);
  const total = (pick: (step: StepReport) => number) => report.steps.reduce((sum, step) => sum + pick(step), 0);
  rows.push([
    '',
    'total',
    '',
    `${total((s) => s.wallSeconds).toFixed(1)} s`,
    span(total((s) => s.simulatedSeconds)),
    '',
  ]);
  const { layerRebuild, diskRestore } = report.recovery;
  const lines = [
    `Rehearsal on simulated clouds: ${report.platform} ${report.env}`,
    '',
    ...textTable([
      ['', 'step', 'layer', 'took', 'simulated', 'resources', ...(compared ? ['real', 'real / simulated'] : [])],
      ...rows,
    ]),
    '',
  ];
  if (report.pushApply) {
    const { readySeconds, data } = report.pushApply;
    lines.push(`push and apply  ready after about ${span(readySeconds)}, data: ${data}`);
  } else {
    const counted = Object.entries(report.resources).map(([layer, count]) => `${layer} ${count}`);
    lines.push(
      `resources   ${counted.join(', ')}`,
      `arguments   ${report.arguments.checked} checked by a rule, ${report.arguments.accepted} accepted unread`,
    );
  }
  if (report.imageUpdaterSeconds !== undefined)
    lines.push(`image updater   an image that was pushed ran after about ${span(report.imageUpdaterSeconds)}`);
  if (layerRebuild)
    lines.push(`layer rebuild   deployments paused about ${span(layerRebuild.rtoSeconds)}, data: ${layerRebuild.data}`);
  if (diskRestore) {
    lines.push(
      `disk restore    serving again after about ${span(diskRestore.rtoSeconds)}, data ${span(diskRestore.rpoSeconds)} old: ${diskRestore.data}`,
    );
  }
  if (report.cost) lines.push(`cost            ${costLine(report.cost)}`);
  if (report.notCompared?.length)
    lines.push(`not compared    no step of this rehearsal: ${report.notCompared.join(', ')}`);
  return lines.join('\n');
}

/** `about 24.02 USD a month by list prices, 7 resources not priced`. */
export function costLine({ currency, month, rows }: MonthlyCost): string {
  const unknown = rows.filter(({ usd }) => usd === null).reduce((sum, { quantity }) => sum + quantity, 0);
  return `about ${month.toFixed(2)} ${currency} a month by list prices${unknown ? `, ${unknown} resource${unknown === 1 ? '' : 's'} not priced` : ''}`;
}

/** True if at least one step has a real duration. */
export function isCompared(steps: readonly StepReport[]): boolean {
  return steps.some(({ realSeconds }) => realSeconds !== undefined);
}

/**
 * The cells of a step in a table, after its outcome: name, layer, seconds, simulated time, resources, and the real time with its
 * ratio to the simulated time if they are compared.
 */
export function stepCells(step: StepReport, compared: boolean): string[] {
  const { simulatedSeconds, realSeconds } = step;
  const cells = [step.name, step.layer, `${step.wallSeconds.toFixed(1)} s`, span(simulatedSeconds), counts(step)];
  if (!compared) return cells;
  if (realSeconds === undefined) return [...cells, '', ''];
  return [...cells, span(realSeconds), simulatedSeconds > 0 ? (realSeconds / simulatedSeconds).toFixed(2) : ''];
}

/** `93` -> `1 min 33 s`. */
export function span(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `+14 ~1 -2`, or nothing when nothing changed. */
export function counts(step: Pick<StepReport, 'added' | 'changed' | 'destroyed'>): string {
  const parts = [
    step.added && `+${step.added}`,
    step.changed && `~${step.changed}`,
    step.destroyed && `-${step.destroyed}`,
  ];
  return parts.filter(Boolean).join(' ');
}
