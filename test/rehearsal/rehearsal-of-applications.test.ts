import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rehearse } from '../helpers/rehearse';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('todo-platform rehearses: every pod is ready, of operators, database, monitoring, runners and applications', async () => {
  const report = await rehearse(folder, 'todo-platform', 'prod');
  expect(report).toMatchObject({ ok: true, recovery: { layerRebuild: { data: 'kept' } } });
  expect(report.steps.at(-1)?.name).toBe('every plan is empty');
});
