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

/** What a rehearsal has to say that has ended at its sixth step. */
const ended: RehearsalReport = {
  ...report,
  ok: false,
  directory: '.sandbox/rehearsal-threads-prod',
  steps: report.steps.slice(0, 6).map((step, index) => ({ ...step, ok: index < 5 })),
  ...{ resources: {}, recovery: {}, cost: undefined },
};

/**
 * Only the test's copy has a script. It tells the page around it what was loaded, whether it can be scrolled sideways, which
 * text has too little contrast to what is behind it, and which table or cell has no name.
 */
const MEASURE = `<script>
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const pixel = (...colours) => {
  canvas.clearRect(0, 0, 1, 1);
  for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const light = (colour) => colour.map((part) => part / 255)
  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
const behind = (element) => element ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : ['white'];
const contrast = (element) => {
  const [a, b] = [pixel(getComputedStyle(element).color), pixel(...behind(element))].map(light).sort((a, b) => b - a);
  return (a + 0.05) / (b + 0.05);
};
const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
addEventListener('load', () => parent.postMessage({
  width: innerWidth,
  dark: matchMedia('(prefers-color-scheme: dark)').matches,
  requests: performance.getEntriesByType('resource').map(({ name }) => name),
  scrolls: document.documentElement.scrollWidth > innerWidth,
  pale: [...document.querySelectorAll('main *')].filter((one) => hasText(one) && contrast(one) < 4.5).map((one) => one.textContent),
  unnamed: [...document.querySelectorAll('table:not(:has(caption)), thead th:not([scope=col]), tbody th:not([scope=row])')].map((one) => one.outerHTML),
}, '*'));
</script>`;

/** A page in a frame of a width, which a window can only have down to 500 pixels. */
interface Framed {
  readonly html: string;
  /** @default 1080 */
  readonly width?: number;
}

/** Opens pages together, because a browser takes a second to start. */
async function open(pages: readonly Framed[], dark = false) {
  const frames = pages.map(({ html, width = 1080 }, index) => {
    writeFileSync(join(folder, `page-${index}.html`), html + MEASURE);
    return `<iframe src="page-${index}.html" style="border: 0; width: ${width}px; height: 2000px"></iframe>`;
  });
  const file = join(folder, 'frames.html');
  writeFileSync(
    file,
    `<!doctype html><meta name="color-scheme" content="light dark"><body>
<script>
const measured = [];
addEventListener('message', ({ data, source }) => {
  measured[[...document.querySelectorAll('iframe')].findIndex((one) => one.contentWindow === source)] = data;
  document.body.dataset.measured = encodeURIComponent(JSON.stringify(measured));
});
</script>
${frames.join('\n')}`,
  );
  const { dom, ...rest } = await openPage(browser ?? '', file, undefined, dark);
  const [, measured = '%5B%5D'] = /data-measured="([^"]*)"/.exec(dom) ?? [];
  return { ...rest, measured: JSON.parse(decodeURIComponent(measured)) };
}

describe('the page in a browser', () => {
  const pages: Record<string, RehearsalReport> = {
    passed: report,
    failed: {
      ...ended,
      failure: { step: ended.steps.at(-1)?.name ?? '', message: 'Error: '.repeat(90) + 'x'.repeat(900) },
    },
    interrupted: { ...ended, interrupted: true, failure: { step: 'deploy 01-k8s', message: 'interrupted by SIGINT' } },
  };
  const cases = Object.entries(pages).flatMap(([state, page]) =>
    [390, 1080].map((width) => ({ state, width, html: renderPage(page) })),
  );

  inBrowser.each([false, true])(
    'can be read, wide or narrow, and asks nothing of any other machine: dark %s',
    async (dark) => {
      const { measured, console: complaints } = await open(cases, dark);
      expect(cases.map(({ state }, index) => ({ state, ...measured[index] }))).toEqual(
        cases.map(({ state, width }) => ({
          ...{ state, width, dark, requests: [], scrolls: false },
          ...{ pale: [], unnamed: [] },
        })),
      );
      expect(complaints).toEqual([]);
    },
  );

  inBrowser('is measured by what sees a page that is too wide, pale, without names, or not alone', async () => {
    const wrong = '<table><tr><td style="color: #888">pale</td></tr></table><div style="width: 2000px">wide</div>';
    const picture = 'http://pictures.example.com/one.png';
    const {
      measured: [wide, foreign],
      console: complaints,
    } = await open([
      { html: renderPage(report).replace('</main>', `${wrong}</main>`) },
      { html: `${renderPage(report)}<img src="${picture}"><script>console.error('seen')</script>` },
    ]);
    expect(wide).toMatchObject({ scrolls: true, pale: ['pale'], unnamed: [expect.stringContaining('pale')] });
    expect(foreign.requests).toEqual([picture]);
    expect(complaints.join()).toContain('seen');
  });

  inBrowser('can be photographed', async () => {
    const picture = join(folder, 'page.png');
    writeFileSync(join(folder, 'page.html'), renderPage(report));
    await openPage(browser ?? '', join(folder, 'page.html'), picture);
    expect(statSync(picture).size).toBeGreaterThan(20_000);
  });
});

test('has its headings, every step and every price', () => {
  const page = renderPage(report);
  const text = (tag: string) =>
    [...page.matchAll(new RegExp(`<${tag}(?: [^>]*)?>(.*?)</${tag}>`, 'g'))].map(([, inner]) => inner ?? '');
  expect(text('h1')).toEqual(['Rehearsal on simulated clouds: threads prod']);
  expect(text('h2')).toEqual(['Layers', 'Steps', 'Monthly cost', 'What a rehearsal cannot show']);
  const cells = [...text('th'), ...text('td')];
  for (const { name } of report.steps) expect(cells).toContain(name);
  expect(cells).toEqual(expect.arrayContaining(['disk pd-balanced', '5.00', 'google_logging_metric', 'not priced']));
});

test('says when, of which commit and with which programs it was made', () => {
  const page = renderPage({
    ...report,
    origin: { startedAt: '2026-01-05T08:00:12.000Z', commit: '4f2a91c + changes', versions: { terraform: '1.11.4' } },
  });
  expect(page).toContain('<time datetime="2026-01-05T08:00:12.000Z">2026-01-05 08:00 UTC</time>');
  expect(page).toContain('<dd>4f2a91c + changes</dd>');
  expect(page).toContain('<dt>terraform</dt><dd>1.11.4</dd>');
});

test('the page of an interrupted rehearsal says so, and how to go on', () => {
  const page = renderPage({ ...ended, interrupted: true, failure: { step: 'deploy 01-k8s', message: 'SIGINT' } });
  expect(page).toContain('<strong class="interrupted">Interrupted</strong> at “deploy 01-k8s”');
  expect(page).toContain('<pre>npm run rehearse -- --platform threads --env prod</pre>');
  expect(page).not.toContain('Failed');
});

test('the page of a rehearsal that failed says where, with nothing taken as markup', () => {
  const page = renderPage({ ...report, ok: false, failure: { step: 'deploy 01-k8s', message: '<script>' } });
  expect(page).toContain('<strong class="failed">Failed</strong> at “deploy 01-k8s”');
  expect(page).toContain('<pre class="failed">&#60;script&#62;</pre>');
  expect(page).toContain('<pre>npm run rehearse -- --platform threads --env prod</pre>');
});

test('the page of a rehearsal that failed early has no prices', () => {
  expect(renderPage({ ...report, cost: undefined })).not.toContain('Monthly cost');
});
