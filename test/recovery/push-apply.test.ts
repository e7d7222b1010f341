import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RehearsalReport } from '../../recovery/rehearsal-report';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'push-apply-'));
const clouds = join(folder, 'clouds');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rehearse(env: string): Promise<RehearsalReport> {
  const args = ['-r', './register.cjs', 'scripts/rehearse.ts', '--platform', 'real-estate', '--env', env, '--json'];
  const { stdout } = await promisify(execFile)(
    'node',
    [...args, '--directory', clouds, '--report', join(folder, 'reports')],
    { maxBuffer: 1 << 26 },
  );
  return JSON.parse(stdout) as RehearsalReport;
}

test('what CI applies by itself loses pods and workloads and keeps its data, and no report holds a password', async () => {
  const report = await rehearse('local');
  expect(report).toMatchObject({
    ok: true,
    resources: {},
    pushApply: { data: 'kept; a lost claim takes its volume along' },
  });
  expect(report.pushApply?.readySeconds).toBeGreaterThan(0);
  expect(report.steps.map(({ name }) => name)).toEqual([
    'check the branch out and build it',
    'placeholders in place of passwords are refused',
    'apply the owners of CRDs',
    'apply the overlay',
    'rolled out, every pod ready (simulated)',
    'write a data marker',
    'apply again: nothing changes',
    'delete every pod: they come back, data kept',
    'delete the workloads and apply again: data kept',
    'delete workloads and claims: volumes go or stay as their class says',
  ]);
  for (const file of ['rehearsal.json', 'rehearsal.log', 'rehearsal.html'])
    expect(readFileSync(join(folder, 'reports', file), 'utf8')).not.toContain('rehearsed-value-of');
});

test('on a cluster of hetzner-k3s Argo CD brings the database of its branch, and a rebuild keeps its data', async () => {
  const report = await rehearse('dev');
  expect(report).toMatchObject({ ok: true, resources: { '01-k8s': 4, '02-argocd-app': 2 } });
  expect(report.recovery.layerRebuild).toMatchObject({ data: 'kept' });
});
