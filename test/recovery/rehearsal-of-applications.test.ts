import { rehearse } from '../helpers/rehearse';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(120_000);

const folder = temporaryFolder();

test('todo-platform rehearses: the operator of its database, the database, and the applications that read it', async () => {
  const report = await rehearse(folder, 'todo-platform', 'local');
  expect(report).toMatchObject({ ok: true, recovery: { layerRebuild: { data: 'kept' } } });
  expect(report.steps.at(-1)?.name).toBe('every plan is empty');
});
