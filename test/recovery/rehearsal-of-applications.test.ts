import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RehearsalReport } from '../../recovery/rehearsal-report';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLATFORM = ['--platform', 'todo-platform', '--env', 'local'];
const PLACES = ['--directory', join(folder, 'clouds'), '--report', join(folder, 'reports')];

test('todo-platform rehearses: the operator of its database, the database, and the applications that read it', async () => {
  const command = ['-r', './register.cjs', 'scripts/rehearse.ts', ...PLATFORM, ...PLACES, '--json'];
  const { stdout } = await promisify(execFile)('node', command, { maxBuffer: 1 << 26 });
  const report = JSON.parse(stdout) as RehearsalReport;
  expect(report).toMatchObject({ ok: true, recovery: { layerRebuild: { data: 'kept' } } });
  expect(report.steps.at(-1)?.name).toBe('every plan is empty');
});
