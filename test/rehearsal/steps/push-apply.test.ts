import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rehearse } from '../../helpers/rehearse';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(120_000);

const folder = temporaryFolder();

test('what CI applies by itself loses pods and workloads and keeps its data, and no report holds a password', async () => {
  const report = await rehearse(folder, 'real-estate', 'local');
  expect(report).toMatchObject({
    ok: true,
    resources: {},
    pushApply: { data: 'kept; a lost claim takes its volume along' },
  });
  expect(report.pushApply?.readySeconds).toBeGreaterThan(0);
  expect(report.steps.map(({ name }) => name)).toEqual([
    'check the branch out and build it',
    'placeholders in place of passwords are refused',
    'apply the owners of CRDs, then the overlay',
    'rolled out, every pod ready (simulated)',
    'write a data marker',
    'apply again: nothing changes',
    'delete every pod: they come back, data kept',
    'delete the workloads and apply again: data kept',
    'delete workloads and claims: volumes go or stay by class',
  ]);
  for (const file of ['rehearsal.json', 'rehearsal.log', 'rehearsal.html'])
    expect(readFileSync(join(folder, 'reports', file), 'utf8')).not.toContain('rehearsed-value-of');
  const page = readFileSync(join(folder, 'reports', 'rehearsal.html'), 'utf8');
  expect(page).toContain('kubectl, git and kustomize were real');
  expect(page).not.toContain('<h3>Arguments');
});

test('on a cluster of hetzner-k3s Argo CD brings the database of its branch, and a rebuild keeps its data', async () => {
  const report = await rehearse(folder, 'real-estate', 'dev');
  expect(report.ok).toBe(true);
  expect(Object.keys(report.resources)).toEqual(['01-k8s', '02-argocd-app']);
  expect(report.recovery.layerRebuild).toMatchObject({ data: 'kept' });
});
