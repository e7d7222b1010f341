import { forHtml } from '../escape';
import type { CostRow, MonthlyCost } from './costs';
import { colourOf, STYLE } from './page-style';
import { comparedCells, costLine, counts, isCompared, nextSteps, type RehearsalReport, span } from './report';

/** What a rehearsal cannot show. README has the same list. */
const CANNOT_SHOW = [
  'quota, capacity, organisation policies, real durations, and unusually long delays of the real clouds',
  'what runs: a boot, the content of an image, the application',
  'what only the binary of a provider or a CEL rule decides',
];

/** Roles are given because a narrow screen shows tables as blocks, which some browsers then no longer take for tables. */
const NO_CELL = '<td role="cell"></td>';

/** The report as one self-contained HTML page: it loads nothing and runs no script. */
export function renderPage(report: RehearsalReport): string {
  const { platform, env, pushApply, cost } = report;
  const layers = Object.entries(report.resources);
  const title = `Rehearsal on simulated clouds: ${platform} ${env}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${forHtml(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${forHtml(title)}</h1>
${verdict(report)}
<p class="soft">${pushApply ? 'kubectl' : 'terraform'}, git and kustomize were real. The clouds were simulated, and their times are estimates.</p>
${origin(report)}
${report.ok ? '' : next(report)}
${figures(report)}
${layers.length > 0 ? `<h2>Layers</h2>\n<p>In the order in which they are deployed. Each layer reads only earlier ones.</p>\n${layerList(layers)}` : ''}
<h2>Steps</h2>
${stepTable(report)}
${report.notCompared?.length ? `<p>Not compared, no step of this rehearsal: ${forHtml(report.notCompared.join(', '))}.</p>` : ''}
${cost ? `<h2>Monthly cost</h2>\n<p>${forHtml(capital(costLine(cost)))}. Confirm prices without a date before you rely on them. Taxes and free tiers are left out.</p>\n${costTable(cost)}` : ''}
<h2>What a rehearsal cannot show</h2>
<ul>${CANNOT_SHOW.map((item) => `<li>${forHtml(item)}</li>`).join('')}</ul>
</main>
</html>
`;
}

function verdict({ ok, interrupted, failure, steps }: RehearsalReport): string {
  const at = failure ? ` at “${forHtml(failure.step)}”` : '';
  if (ok) return `<p class="verdict"><strong class="passed">Passed</strong>all ${steps.length} steps</p>`;
  return interrupted
    ? `<p class="verdict"><strong class="interrupted">Interrupted</strong>${at}</p>`
    : `<p class="verdict"><strong class="failed">Failed</strong>${at}</p>`;
}

function origin({ origin }: RehearsalReport): string {
  if (!origin) return '';
  const { startedAt, commit, versions } = origin;
  const stamp = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const entries: [string, string][] = [
    ['Started', `<time datetime="${forHtml(startedAt)}">${forHtml(stamp)}</time>`],
    ...(commit ? [['Commit', forHtml(commit)] as [string, string]] : []),
    ...Object.entries(versions).map(([name, version]): [string, string] => [forHtml(name), forHtml(version)]),
  ];
  return `<dl class="small">${entries.map(([term, text]) => `<div><dt>${term}</dt><dd>${text}</dd></div>`).join('')}</dl>`;
}

function next(report: RehearsalReport): string {
  const { failure, interrupted } = report;
  const steps = nextSteps(report).map(({ text, command }) => `<li>${forHtml(text)}<pre>${forHtml(command)}</pre></li>`);
  return [
    ...(failure && !interrupted ? ['<h2>Error</h2>', `<pre class="failed">${forHtml(failure.message)}</pre>`] : []),
    ...(interrupted ? ['<p>Nothing has failed: the rehearsal was ended before its last step.</p>'] : []),
    '<h2>Next step</h2>',
    `<ol>${steps.join('')}</ol>`,
  ].join('\n');
}

function figures({ recovery: { layerRebuild, diskRestore }, pushApply, arguments: counted }: RehearsalReport): string {
  const cards = [
    layerRebuild && ['Layer rebuild', span(layerRebuild.rtoSeconds), `without deployments; data ${layerRebuild.data}`],
    diskRestore && ['Disk restore', span(diskRestore.rtoSeconds), `until it serves again; data ${diskRestore.data}`],
    pushApply && ['Push and apply', span(pushApply.readySeconds), `until it was ready; data ${pushApply.data}`],
    !pushApply && ['Arguments', `${counted.checked} checked`, `by a rule; ${counted.accepted} accepted unread`],
  ].filter((one) => Array.isArray(one));
  const card = ([title = '', figure = '', note = '']: readonly string[]) =>
    `<div><dt>${forHtml(title)}</dt><dd class="figure">${forHtml(figure)}</dd><dd>${forHtml(note)}</dd></div>`;
  return `<dl>${cards.map(card).join('')}</dl>`;
}

function layerList(layers: readonly (readonly [string, number])[]): string {
  const item = ([name, count]: readonly [string, number]) =>
    `<li class="${colourOf(name)}"><strong>${forHtml(name)}</strong><br>${amount(count, 'resource')}</li>`;
  return `<ol class="layers">${layers.map(item).join('')}</ol>`;
}

function stepTable({ steps, interrupted, failure }: RehearsalReport): string {
  const compared = isCompared(steps);
  const layers = [...new Set(steps.map(({ layer }) => layer))].filter(Boolean);
  const total = Math.max(
    steps.reduce((sum, { simulatedSeconds }) => sum + simulatedSeconds, 0),
    1,
  );
  let from = 0;
  const rows = steps.map((step) => {
    const colour = step.ok || interrupted ? colourOf(step.layer) : 'wrong';
    const place = `left:${percent(from / total)};width:${percent(step.simulatedSeconds / total)}`;
    from += step.simulatedSeconds;
    const outcome = step.ok ? 'ok' : interrupted ? 'interrupted' : 'failed';
    return `<tr role="row"${step.ok || interrupted ? '' : ' class="failing"'}>${[
      `<td role="cell" class="outcome ${step.ok ? 'passed' : outcome}">${outcome}</td>`,
      `<th scope="row" role="rowheader">${forHtml(step.name)}</th>`,
      ...(layers.length > 0 ? [`<td class="layer" role="cell">${forHtml(step.layer)}</td>`] : []),
      `<td class="time" role="cell"><span class="track" aria-hidden="true"><span class="bar ${colour}" style="${place}"></span></span></td>`,
      number(span(step.simulatedSeconds), 'simulated'),
      number(`${step.wallSeconds.toFixed(1)} s`, 'took'),
      number(counts(step), 'resources'),
      ...(compared ? [number(comparedCells(step)[0], 'real'), number(comparedCells(step)[1], 'ratio')] : []),
    ].join('')}</tr>`;
  });
  const head = [
    ...['Outcome', 'Step', ...(layers.length > 0 ? ['Layer'] : []), 'When, in simulated time'].map((text) =>
      column(text),
    ),
    ...['Simulated', 'Took', 'Resources', ...(compared ? ['Real', 'Real / simulated'] : [])].map((text) =>
      column(text, 'number'),
    ),
  ];
  const legend = [
    ...layers.map((layer) => [colourOf(layer), `layer ${layer}`] as const),
    ...(layers.length > 0 ? [['', 'no layer'] as const] : []),
    ...(failure && !interrupted ? [['wrong', 'failed'] as const] : []),
  ].map(([colour, text]) => `<li><span class="swatch ${colour}" aria-hidden="true"></span>${forHtml(text)}</li>`);
  return `${legend.length > 0 ? `<ul class="legend" aria-label="Colours of the bars">${legend.join('')}</ul>\n` : ''}${table(
    'A bar shows when a step runs in simulated time, and for how long.',
    head,
    rows,
  )}`;
}

function costTable({ rows, month }: MonthlyCost): string {
  const row = ({ what, quantity, unit, unitPrice, confirmed, usd }: CostRow) =>
    `<tr role="row"><th scope="row" role="rowheader">${forHtml(what)}</th>${number(amount(quantity, unit), 'quantity')}${number(unitPrice === null ? '' : `${unitPrice}`, 'USD each')}${confirmed ? `<td role="cell" data-label="confirmed">${forHtml(confirmed)}</td>` : NO_CELL}${number(usd?.toFixed(2) ?? 'not priced', 'USD')}</tr>`;
  const sum = `<tr role="row"><th scope="row" role="rowheader">Sum</th>${NO_CELL.repeat(3)}${number(month.toFixed(2), 'USD')}</tr>`;
  const head = [
    column('What'),
    column('Quantity', 'number'),
    column('USD each', 'number'),
    column('Price confirmed'),
    column('USD a month', 'number'),
  ];
  return table('By list prices, in US dollars.', head, [...rows.map(row), sum]);
}

function table(caption: string, head: readonly string[], rows: readonly string[]): string {
  return (
    `<div class="scroll"><table class="stacked" role="table"><caption>${forHtml(caption)}</caption>\n` +
    `<thead role="rowgroup"><tr role="row">${head.join('')}</tr></thead>\n<tbody role="rowgroup">\n${rows.join('\n')}\n</tbody></table></div>`
  );
}

function column(text: string, kind = ''): string {
  return `<th scope="col" role="columnheader"${kind && ` class="${kind}"`}>${forHtml(text)}</th>`;
}

/** A cell with a number. @param label - what it is, where a narrow screen has no room for the head of the table. */
function number(text: string, label: string): string {
  return text ? `<td role="cell" class="number" data-label="${forHtml(label)}">${forHtml(text)}</td>` : NO_CELL;
}

/** `4 months`, `1 resource`, `50 GB-months`. */
function amount(quantity: number, unit: string): string {
  const name = unit.replace(' ', '-');
  return `${quantity} ${quantity === 1 || unit === 'GB' ? name : `${name}s`}`;
}

function percent(part: number): string {
  return `${Math.round(part * 10_000) / 100}%`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
