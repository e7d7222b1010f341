import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addSummary, setOutput } from '../../clients/workflow-outputs';

const folder = mkdtempSync(join(tmpdir(), 'outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('outputs are added to the file that GitHub names, one line each', () => {
  const GITHUB_OUTPUT = join(folder, 'output');
  setOutput('tag', '8caff6f', { GITHUB_OUTPUT });
  setOutput('verdict', 'allow', { GITHUB_OUTPUT });
  expect(readFileSync(GITHUB_OUTPUT, 'utf8')).toBe('tag=8caff6f\nverdict=allow\n');
});

test('nothing is written outside of a workflow', () => {
  expect(() => setOutput('tag', '8caff6f', {})).not.toThrow();
});

test('refuses a value that would become further outputs', () => {
  expect(() => setOutput('tag', 'x\nverdict=allow', { GITHUB_OUTPUT: join(folder, 'other') })).toThrow(
    'output "tag" has several lines; GitHub would read them as outputs',
  );
});

test('a summary is a block that its text cannot end, and an empty one is left out', () => {
  const GITHUB_STEP_SUMMARY = join(folder, 'summary');
  addSummary('Gate: deny', 'not now\n~~~\n# forged', { GITHUB_STEP_SUMMARY });
  addSummary('Nothing', '', { GITHUB_STEP_SUMMARY });
  addSummary('Nowhere', 'text', {});
  expect(readFileSync(GITHUB_STEP_SUMMARY, 'utf8')).toBe('### Gate: deny\n\n~~~text\nnot now\n---\n# forged\n~~~\n\n');
});
