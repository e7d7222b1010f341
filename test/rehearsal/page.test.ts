import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { life } from '../../rehearsal/life';
import { renderPage } from '../../rehearsal/page';
import type { RehearsalReport } from '../../rehearsal/report';
import { findBrowser, openPage } from '../helpers/browser';
import { temporaryFolder } from '../helpers/synth';

const browser = findBrowser();
if (!browser) {
  console.warn('NOT TESTED: the page in a real browser; install chromium or google-chrome, or name one in CHROME');
}
const inBrowser = browser ? test : test.skip;

const folder = temporaryFolder();

const report: RehearsalReport = {
  ok: true,
  platform: 'threads',
  env: 'prod',
  simulated: true,
  steps: life(loadPlatform('threads'), 'prod').map(({ name, layer = '' }, index) => ({
    name,
    layer,
    ok: true,
    wallSeconds: 0.4,
    simulatedSeconds: (index % 4) * 40,
    added: index % 3,
    changed: 0,
    destroyed: index % 2,
  })),
  resources: { '00-vpc': 47, '01-k8s': 13, '02-argocd-app': 2 },
  arguments: { checked: 323, accepted: 0 },
  cost: {
    currency: 'USD',
    month: 5,
    rows: [
      { what: 'disk pd-balanced', quantity: 50, unit: 'GB month', unitPrice: 0.1, confirmed: null, usd: 5 },
      { what: 'google_logging_metric', quantity: 1, unit: 'resource', unitPrice: null, confirmed: null, usd: null },
    ],
  },
  recovery: {
    layerRebuild: { rtoSeconds: 37, data: 'kept' },
    diskRestore: { rtoSeconds: 125, rpoSeconds: 91, data: 'back to 2026-01-05T02:00:00Z' },
  },
};

/** Only the test's copy has a script: it writes down what was loaded, and which words lie outside of their drawing. */
const MEASURE = `<script>
const box = (element) => element.getBoundingClientRect();
const drawings = [...document.querySelectorAll('svg')];
const outside = (svg) => [...svg.querySelectorAll('text')].filter((text) => {
  const [a, b] = [box(text), box(svg)];
  return a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom;
}).map((text) => text.textContent);
addEventListener('load', () => { document.body.dataset.measured = encodeURIComponent(JSON.stringify({
  requests: performance.getEntriesByType('resource').map(({ name }) => name),
  drawings: drawings.map((svg) => ({ width: box(svg).width, height: box(svg).height, outside: outside(svg) })),
  page: { scrolls: document.documentElement.scrollWidth > innerWidth },
})); });
</script>`;

async function open(html: string) {
  const file = join(folder, 'page.html');
  writeFileSync(file, html);
  const { dom, ...rest } = await openPage(browser ?? '', file);
  const text = (tag: string) =>
    [...dom.matchAll(new RegExp(`<${tag}(?: [^>]*)?>(.*?)</${tag}>`, 'g'))].map(([, inner]) => inner ?? '');
  const [, measured = '%7B%7D'] = /data-measured="([^"]*)"/.exec(dom) ?? [];
  return { ...rest, text, measured: JSON.parse(decodeURIComponent(measured)) };
}

describe('the page in a browser', () => {
  inBrowser('has its headings, every step and every price', async () => {
    const { text } = await open(renderPage(report));
    expect(text('h1')).toEqual(['Rehearsal on simulated clouds']);
    expect(text('h2')).toEqual(['Timeline', 'Layers', 'Steps', 'Cost of a month', 'What a rehearsal cannot show']);
    const cells = text('td');
    for (const { name } of report.steps) expect(cells).toContain(name);
    expect(cells).toEqual(expect.arrayContaining(['disk pd-balanced', '5.00', 'google_logging_metric', 'not priced']));
  });

  inBrowser('draws its charts, and no word is cut off', async () => {
    const long = { ...(report.steps[0] ?? fail()), name: 'a step with a name '.repeat(8) };
    const { measured } = await open(renderPage({ ...report, steps: [...report.steps, long] }) + MEASURE);
    expect(measured.drawings).toHaveLength(2);
    for (const { width, height, outside } of measured.drawings) {
      expect(width).toBeGreaterThan(600);
      expect(height).toBeGreaterThan(90);
      expect(outside).toEqual([]);
    }
    expect(measured.page.scrolls).toBe(false);
  });

  inBrowser('asks nothing of any other machine and complains about nothing', async () => {
    const own = await open(renderPage(report) + MEASURE);
    expect([own.console, own.measured.requests]).toEqual([[], []]);
    const picture = 'http://pictures.example.com/one.png';
    const foreign = await open(
      `${renderPage(report)}<img src="${picture}"><script>console.error('seen')</script>${MEASURE}`,
    );
    expect(foreign.measured.requests).toEqual([picture]);
    expect(foreign.console.join()).toContain('seen');
  });

  inBrowser('can be photographed', async () => {
    const picture = join(folder, 'page.png');
    writeFileSync(join(folder, 'page.html'), renderPage(report));
    await openPage(browser ?? '', join(folder, 'page.html'), picture);
    expect(statSync(picture).size).toBeGreaterThan(20_000);
  });
});

test('the page of a rehearsal that failed says where, with nothing taken as markup', () => {
  const page = renderPage({ ...report, ok: false, failure: { step: 'deploy 01-k8s', message: '<script>' } });
  expect(page).toContain('failed at “deploy 01-k8s”');
  expect(page).toContain('<pre class="bad">&lt;script&gt;</pre>');
});

test('the page of a rehearsal that failed early has no prices', () => {
  expect(renderPage({ ...report, cost: undefined })).not.toContain('Cost of a month');
});

function fail(): never {
  throw new Error('the life of a platform has no steps');
}
