import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPage } from '../../rehearsal/page';
import { compareWith, readRealRun } from '../../rehearsal/real-run';
import { type RehearsalReport, renderReport } from '../../rehearsal/report';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
const step = (name: string, simulatedSeconds: number) => ({
  ...{ name, layer: '', ok: true, wallSeconds: 1, simulatedSeconds },
  ...{ added: 0, changed: 0, destroyed: 0 },
});
const report: RehearsalReport = {
  ...{ ok: true, platform: 'threads', env: 'prod', simulated: true },
  steps: [step('synthesise', 0), step('deploy 00-vpc', 200), step('deploy 01-k8s', 30)],
  ...{ resources: {}, arguments: { checked: 0, accepted: 0 }, recovery: {} },
};
const real = { steps: { synthesise: 2, 'deploy 00-vpc': 250, 'deploy 99-moon': 1 } };

function read(text: string) {
  const file = join(folder, 'real.json');
  writeFileSync(file, text);
  return () => readRealRun(file, ['synthesise', 'deploy 00-vpc']);
}

test('a real duration is printed next to its estimate with their ratio; a step without one is left out', () => {
  const lines = renderReport(compareWith(report, read(JSON.stringify(real))())).split('\n');
  expect(lines.slice(-4)).toEqual([
    '',
    'step           simulated   real        real / simulated',
    'synthesise     0 s         2 s',
    'deploy 00-vpc  3 min 20 s  4 min 10 s  1.25',
  ]);
  expect(lines).toContain('not compared  no step of this rehearsal: deploy 99-moon');
});

test('the page has the same columns, only with a real run', () => {
  const page = renderPage(compareWith(report, real));
  expect(page).toContain('>Real</th><th scope="col" role="columnheader" class="number">Real / simulated</th>');
  expect(page).toContain(
    'data-label="real">4 min 10 s</td><td role="cell" class="number" data-label="ratio">1.25</td>',
  );
  expect(page).toContain('Not compared, no step of this rehearsal: deploy 99-moon.');
  expect(renderPage(report)).not.toContain('Real / simulated');
});

describe('a file of a real run is refused', () => {
  test.each([
    ['that is no JSON', '{', 'must be JSON; '],
    ['without steps', '{}', 'steps: missing; must be an object'],
    ['with a duration in words', '{"steps":{"synthesise":"2 s"}}', 'steps.synthesise: got "2 s"; must be a number'],
    ['with a negative duration', '{"steps":{"synthesise":-2}}', 'steps.synthesise: got -2; '],
    ['with an unknown key', '{"step":{},"steps":{}}', '(top): unknown key "step"; did you mean "steps"?'],
    [
      'of another rehearsal',
      '{"steps":{"deploy":1}}',
      'steps: got ["deploy"]; name at least one step of the rehearsal: synthesise, deploy 00-vpc',
    ],
  ])('%s', (_, text, problem) => {
    expect(read(text)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(problem) }));
  });

  test('that is not there', () => {
    expect(() => readRealRun(join(folder, 'absent.json'), [])).toThrow('could not be read; ENOENT');
  });
});
