import type { RehearsalReport } from '../../rehearsal/report';
import { rehearse } from '../helpers/rehearse';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(120_000);

// Of the default platform. Production's life is in rehearsal.test.ts.
const folder = temporaryFolder();

const stepsOf = ({ steps }: RehearsalReport) => steps.map(({ name }) => name);

test('staging comes up, is delivered to by Image Updater, is rebuilt, restored, and ends with empty plans', async () => {
  const report = await rehearse(folder, 'threads', 'staging');
  expect(report).toMatchObject({ ok: true, env: 'staging', arguments: { accepted: 0 } });
  expect(Object.keys(report.resources)).toEqual(['00-vpc', '01-k8s', '02-argocd-app']);
  expect(report.imageUpdaterSeconds).toBeLessThanOrEqual(120);
  expect(report.recovery.layerRebuild?.data).toBe('kept');
  expect(report.recovery.diskRestore?.data).toMatch(/^back to /);
  expect(stepsOf(report).at(-1)).toBe('every plan is empty');
});

test('local, a cluster that is not ours, comes up without a VM, is rebuilt, and ends with empty plans', async () => {
  const report = await rehearse(folder, 'threads', 'local');
  expect(report).toMatchObject({ ok: true, env: 'local', arguments: { accepted: 0 } });
  expect(Object.keys(report.resources)).toEqual(['01-k8s', '02-argocd-app']);
  expect(report.recovery).toEqual({ layerRebuild: { data: 'kept', rtoSeconds: expect.any(Number) } });
  expect(stepsOf(report)).not.toContain('fetch the kubeconfig');
  expect(stepsOf(report).at(-1)).toBe('every plan is empty');
});
