import { init } from 'echarts';
import { LAYERS } from '../contracts/layers';
import type { MonthlyCost } from './costs';
import { costLine, isCompared, type RehearsalReport, type StepReport, span, stepCells } from './report';

/** Fill colours of layers, in apply order; further layers start again. */
const COLOURS = ['#2f6db5', '#3a9d6e', '#b5622f', '#7d5ba6', '#b5477a', '#2b8c8c'];

/** The fill colour of a step that concerns no layer. */
const NO_LAYER = '#8a94a3';

/** Longest name of a step in the timeline, in characters. */
const LABEL = 60;

/** What a rehearsal cannot show, as in the README. */
const CANNOT_SHOW = [
  'quota, and machines that are out of stock',
  'how long permissions and APIs take to become effective',
  'policies of your organisation',
  'defaults that a provider fills in',
  'a real boot, and what is inside an image',
  'the provider binaries themselves',
];

/** The report as one self-contained HTML page, without external scripts, fonts or images. */
export function renderPage(report: RehearsalReport): string {
  const verdict = report.failure ? `failed at “${report.failure.step}”` : 'passed';
  const { layerRebuild, diskRestore } = report.recovery;
  const { pushApply } = report;
  const cards = [
    layerRebuild &&
      card('Layer rebuild', span(layerRebuild.rtoSeconds), `without deployments; data ${layerRebuild.data}`),
    diskRestore &&
      card('Disk restore', span(diskRestore.rtoSeconds), `until it serves again; data ${diskRestore.data}`),
    pushApply && card('Push and apply', span(pushApply.readySeconds), `until it was ready; data ${pushApply.data}`),
    !pushApply &&
      card(
        'Arguments',
        `${report.arguments.checked} checked`,
        `by a rule; ${report.arguments.accepted} accepted unread`,
      ),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal on simulated clouds: ${html(report.platform)} ${html(report.env)}</title>
<style>${STYLE}</style>
<main>
<h1>Rehearsal on simulated clouds</h1>
<p class="lead">${html(report.platform)} ${html(report.env)} <strong class="${report.ok ? 'ok' : 'bad'}">${html(verdict)}</strong>.
${pushApply ? 'kubectl' : 'terraform'}, git and kustomize were real; the clouds were not, and their times are estimates.</p>
${report.failure ? `<pre class="bad">${html(report.failure.message)}</pre>` : ''}
<section class="cards">${cards.filter(Boolean).join('')}</section>
<h2>Timeline</h2>
<p>Simulated time from the first step to the last. One bar is one step${pushApply ? '' : '; its colour is the layer'}.</p>
${timeline(report.steps)}
${pushApply ? '' : `<h2>Layers</h2>\n<p>Each layer reads only those before it. The number is what its state holds.</p>\n${layers(report)}`}
<h2>Steps</h2>
${stepTable(report.steps)}
${report.notCompared?.length ? `<p>Not compared, no step of this rehearsal: ${html(report.notCompared.join(', '))}.</p>` : ''}
${report.cost ? `<h2>Cost of a month</h2>\n<p>In all ${html(costLine(report.cost))}. Prices without a date are from memory and are to be checked; tax and free tiers are left out.</p>\n${costTable(report.cost)}` : ''}
<h2>What a rehearsal cannot show</h2>
<ul>${CANNOT_SHOW.map((item) => `<li>${html(item)}</li>`).join('')}</ul>
</main>
</html>
`;
}

function timeline(steps: readonly StepReport[]): string {
  let from = 0;
  const bars = steps.map((step) => {
    const start = from;
    from += step.simulatedSeconds;
    return { step, start };
  });
  return chart(960, 60 + steps.length * 24, {
    grid: { left: 380, right: 90, top: 10, bottom: 30 },
    xAxis: { type: 'value', axisLabel: { formatter: '{value} min' } },
    yAxis: {
      type: 'category',
      inverse: true,
      data: steps.map(({ name }) => (name.length > LABEL ? `${name.slice(0, LABEL - 1)}…` : name)),
      axisLabel: { fontSize: 11, color: '#1f2933', interval: 0 },
    },
    series: [
      {
        type: 'bar',
        stack: 'time',
        silent: true,
        itemStyle: { color: 'transparent' },
        data: bars.map(({ start }) => start / 60),
      },
      {
        type: 'bar',
        stack: 'time',
        barMinHeight: 2,
        label: {
          show: true,
          position: 'right',
          formatter: ({ dataIndex }: { dataIndex: number }) => span(steps[dataIndex]?.simulatedSeconds ?? 0),
        },
        data: bars.map(({ step }) => ({
          value: step.simulatedSeconds / 60,
          itemStyle: { color: step.ok ? colourOf(step.layer) : '#c0392b' },
        })),
      },
    ],
  });
}

function colourOf(layer: string): string {
  const index = LAYERS.findIndex(({ id }) => id === layer);
  return COLOURS[index % COLOURS.length] ?? NO_LAYER;
}

function layers({ resources }: RehearsalReport): string {
  const names = Object.keys(resources);
  const [width, height, gap, edge] = [240, 64, 80, 20];
  const boxes = names.map((name, index) => {
    const x = edge + index * (width + gap);
    const text = (y: number, words: string) => `<text x="${x + width / 2}" y="${edge + y}">${html(words)}</text>`;
    const arrow = `<path d="M${x - gap + 6} ${edge + height / 2}h${gap - 20}" marker-end="url(#arrow)"/>`;
    return (
      (index > 0 ? arrow : '') +
      `<rect x="${x}" y="${edge}" width="${width}" height="${height}" rx="6" fill="${colourOf(name)}"/>` +
      text(28, name) +
      text(48, `${resources[name]} resources`)
    );
  });
  const right = Math.max(1, names.length) * (width + gap) - gap + 2 * edge;
  return `<figure><svg class="layers" width="${right}" height="${height + 2 * edge}" role="img" aria-label="layers in order">
<defs><marker id="arrow" markerWidth="6" markerHeight="6" refX="1" refY="3" orient="auto"><path d="M0 0L6 3L0 6z"/></marker></defs>
${boxes.join('\n')}
</svg></figure>`;
}

function stepTable(steps: readonly StepReport[]): string {
  const compared = isCompared(steps);
  const rows = steps.map((step) => [step.ok ? 'ok' : 'failed', ...stepCells(step, compared)]);
  const head = ['', 'Step', 'Layer', 'Took', 'Simulated', 'Resources'];
  return table(compared ? [...head, 'Real', 'Real / simulated'] : head, rows);
}

function costTable({ rows, month }: MonthlyCost): string {
  const lines = rows.map(({ what, quantity, unit, unitPrice, confirmed, usd }) => [
    what,
    `${quantity} ${unit}`,
    unitPrice === null ? '' : `${unitPrice}`,
    confirmed ?? '',
    usd?.toFixed(2) ?? 'not priced',
  ]);
  return table(
    ['What', 'Quantity', 'USD each', 'Confirmed', 'USD a month'],
    [...lines, ['Sum', '', '', '', month.toFixed(2)]],
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${html(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${row(head, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
}

function card(title: string, figure: string, note: string): string {
  return `<div class="card"><h3>${html(title)}</h3><p class="figure">${html(figure)}</p><p>${html(note)}</p></div>`;
}

function chart(width: number, height: number, option: Parameters<ReturnType<typeof init>['setOption']>[0]): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption({ animation: false, textStyle: { fontFamily: 'system-ui, sans-serif' }, ...option });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `<figure>${svg}</figure>`;
}

function html(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? '',
  );
}

const STYLE = `
:root { color-scheme: light; font-family: system-ui, sans-serif; line-height: 1.5; color: #1f2933; background: #f5f7fa; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { margin: 0; } h2 { margin-top: 40px; } .lead { font-size: 1.1rem; }
.ok { color: #24784f; } .bad { color: #a3281b; } pre { white-space: pre-wrap; background: #fff; padding: 12px; }
.cards { display: flex; flex-wrap: wrap; gap: 16px; }
.card { flex: 1 1 220px; background: #fff; border: 1px solid #d9e0e8; border-radius: 8px; padding: 12px 16px; }
.card h3, .card p { margin: 0; } .figure { font-size: 1.5rem; font-weight: 600; }
figure { margin: 0; background: #fff; border: 1px solid #d9e0e8; border-radius: 8px; overflow-x: auto; }
svg.layers text { fill: #fff; font-size: 14px; text-anchor: middle; } svg.layers path { stroke: #5b6675; stroke-width: 2; fill: #5b6675; }
svg.layers marker path { stroke: none; }
table { width: 100%; border-collapse: collapse; background: #fff; font-size: 0.92rem; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid #e4e9ef; }
`;
