import { columns, fitted, terminalWidth } from '../terminal/columns';
import type { MonthlyCost } from './costs';
import type { Origin } from './origin';

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
  /** True if the clouds were simulated; terraform, git and kustomize were real. False for a drill on real clouds. */
  readonly simulated: boolean;
  /** When, of which commit and with which programs. @default - not known */
  origin?: Origin;
  /** Folder of the simulated clouds, where a failure can be looked at. @default - not known */
  directory?: string;
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
    diskRestore?: { rtoSeconds: number; rpoSeconds: number; data: string; path?: readonly Phase[] };
  };
  /** Steps of the real run without a counterpart in this rehearsal. */
  readonly notCompared?: readonly string[];
  /** The failed step, if any. */
  failure?: { readonly step: string; readonly message: string };
  /** True if a signal ended the rehearsal. `failure` then has the running or the next step. */
  interrupted?: true;
}

/** A part of a recovery that the next part waits for. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  /** What would make it shorter. */
  readonly shorter: string;
}

/** Room for the figures of a step: `105.1 s`, `16 min 57 s`, `+58 ~2 -16`. */
const WIDTHS = [4, 7, 11, 9] as const;

/**
 * Prints the steps of a rehearsal one by one, as rows of one table: outcome, name, seconds it took, simulated time, resources.
 *
 * @param names - of all steps, of which the longest one sets the width.
 */
export class StepRows {
  private readonly name: number;

  constructor(names: readonly string[], width = terminalWidth()) {
    const room = width - WIDTHS.reduce((sum, one) => sum + one + 2, 0);
    this.name = Math.min(Math.max(...names.map(({ length }) => length), 5), Math.max(room, 20));
  }

  get head(): string {
    return this.row('', 'step', 'took', 'simulated', 'resources');
  }

  step({ ok, name, wallSeconds, simulatedSeconds, ...changes }: StepReport): string {
    return this.row(ok ? 'ok' : 'FAIL', name, `${wallSeconds.toFixed(1)} s`, span(simulatedSeconds), counts(changes));
  }

  total(steps: readonly StepReport[]): string {
    const sum = (pick: (step: StepReport) => number) => steps.reduce((all, step) => all + pick(step), 0);
    return this.row('', 'total', `${sum((s) => s.wallSeconds).toFixed(1)} s`, span(sum((s) => s.simulatedSeconds)), '');
  }

  private row(outcome: string, name: string, ...figures: readonly [string, string, string]): string {
    const [state, took, simulated, resources] = WIDTHS;
    const [first = '', ...more] = fitted(name, this.name).split('\n');
    const cells = [
      outcome.padEnd(state),
      first.padEnd(this.name),
      figures[0].padStart(took),
      figures[1].padStart(simulated),
      figures[2].padEnd(resources),
    ];
    return [cells.join('  ').trimEnd(), ...more.map((line) => `${' '.repeat(state + 2)}${line}`)].join('\n');
  }
}

/** What a rehearsal has found out, for a terminal. The steps have been printed one by one. */
export function renderReport(report: RehearsalReport): string {
  const { layerRebuild, diskRestore } = report.recovery;
  const lines: [string, string][] = [];
  if (report.pushApply) {
    const { readySeconds, data } = report.pushApply;
    lines.push(['push and apply', `ready after about ${span(readySeconds)}, data: ${data}`]);
  } else {
    const counted = Object.entries(report.resources).map(([layer, count]) => `${layer} ${count}`);
    const { checked, accepted } = report.arguments;
    if (counted.length > 0) lines.push(['resources', counted.join(', ')]);
    lines.push(['arguments', `${checked} checked by a rule, ${accepted} accepted unread`]);
  }
  if (report.imageUpdaterSeconds !== undefined)
    lines.push(['image updater', `an image that was pushed ran after about ${span(report.imageUpdaterSeconds)}`]);
  if (layerRebuild) {
    const { rtoSeconds, data } = layerRebuild;
    lines.push(['layer rebuild', `deployments paused about ${span(rtoSeconds)}, data: ${data}`]);
  }
  if (diskRestore) {
    const { rtoSeconds, rpoSeconds, data } = diskRestore;
    lines.push([
      'disk restore',
      `serving again after about ${span(rtoSeconds)}, data ${span(rpoSeconds)} old: ${data}`,
    ]);
  }
  if (report.cost) lines.push(['cost', costLine(report.cost)]);
  if (report.notCompared?.length)
    lines.push(['not compared', `no step of this rehearsal: ${report.notCompared.join(', ')}`]);
  return [...columns(lines), ...(isCompared(report.steps) ? ['', ...comparison(report.steps)] : [])].join('\n');
}

/** The next steps after a rehearsal that did not pass, as sentences and commands. */
export function nextSteps({ platform, env, directory, interrupted }: RehearsalReport): Next[] {
  const again: Next = {
    text: 'Run the rehearsal again. It starts with empty clouds:',
    command: `npm run rehearse -- --platform ${platform} --env ${env}`,
  };
  if (interrupted || directory === undefined) return [again];
  return [
    {
      text: 'Look at the simulated clouds. They are as they were when the step failed:',
      command: `npm run sandbox -- --platform ${platform} --env ${env} --directory ${directory} bash`,
    },
    { ...again, text: 'After a fix, run the rehearsal again. It starts with empty clouds:' },
  ];
}

/** Something to do next. */
export interface Next {
  readonly text: string;
  readonly command: string;
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

/** Simulated and real durations next to each other, for a terminal. */
function comparison(steps: readonly StepReport[]): string[] {
  const rows = steps
    .filter(({ realSeconds }) => realSeconds !== undefined)
    .map((step) => [step.name, span(step.simulatedSeconds), ...comparedCells(step)]);
  return columns([['step', 'simulated', 'real', 'real / simulated'], ...rows]);
}

/** The real duration of a step and its ratio to the simulated one; empty where there is none. */
export function comparedCells({ simulatedSeconds, realSeconds }: StepReport): [real: string, ratio: string] {
  if (realSeconds === undefined) return ['', ''];
  return [span(realSeconds), simulatedSeconds > 0 ? (realSeconds / simulatedSeconds).toFixed(2) : ''];
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
