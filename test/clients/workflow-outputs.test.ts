import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setOutput } from '../../clients/workflow-outputs';

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
