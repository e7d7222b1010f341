import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RehearsalReport } from '../../recovery/rehearsal-report';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(120_000);

const folder = temporaryFolder();

/** The whole life of an environment of the default platform. Production's is in rehearsal.test.ts. */
async function rehearse(env: string): Promise<RehearsalReport> {
  const places = ['--directory', join(folder, env, 'clouds'), '--report', join(folder, env, 'reports')];
  const command = ['-r', './register.cjs', 'scripts/rehearse.ts', '--env', env, '--json', ...places];
  const { stdout } = await promisify(execFile)('node', command, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as RehearsalReport;
}

const stepsOf = ({ steps }: RehearsalReport) => steps.map(({ name }) => name);

test('staging comes up, is delivered to by Image Updater, is rebuilt, restored, and ends with empty plans', async () => {
  const report = await rehearse('staging');
  expect(report).toMatchObject({ ok: true, env: 'staging', arguments: { accepted: 0 } });
  expect(Object.keys(report.resources)).toEqual(['00-vpc', '01-k8s', '02-argocd-app']);
  expect(report.imageUpdaterSeconds).toBeLessThanOrEqual(120);
  expect(report.recovery.layerRebuild?.data).toBe('kept');
  expect(report.recovery.diskRestore?.data).toMatch(/^back to /);
  expect(stepsOf(report).at(-1)).toBe('every plan is empty');
});

test('local, a cluster that is not ours, comes up without a VM, is rebuilt, and ends with empty plans', async () => {
  const report = await rehearse('local');
  expect(report).toMatchObject({ ok: true, env: 'local', arguments: { accepted: 0 } });
  expect(Object.keys(report.resources)).toEqual(['01-k8s', '02-argocd-app']);
  expect(report.recovery).toEqual({ layerRebuild: { data: 'kept', rtoSeconds: expect.any(Number) } });
  expect(stepsOf(report)).not.toContain('fetch the kubeconfig');
  expect(stepsOf(report).at(-1)).toBe('every plan is empty');
});
