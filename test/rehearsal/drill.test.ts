import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { byHand, PERSON_SECONDS } from '../../rehearsal/by-hand';
import { drill, drillText, durationsOf } from '../../rehearsal/drill';
import type { RehearsalReport, StepReport } from '../../rehearsal/report';

const step = (name: string, simulatedSeconds: number): StepReport => ({
  name,
  layer: '',
  ok: true,
  wallSeconds: 1,
  simulatedSeconds,
  added: 0,
  changed: 0,
  destroyed: 0,
});

const report: RehearsalReport = {
  ok: true,
  platform: 'threads',
  env: 'prod',
  simulated: true,
  steps: [
    step('snapshot after 00-vpc', 90),
    step('destroy 02-argocd-app', 5),
    step('destroy 01-k8s', 20),
    step('rebuild 01-k8s', 30),
    step('rebuild 02-argocd-app', 80),
    step('restore 00-vpc from the snapshot', 120),
    step('the same VM: address and node name', 0),
  ],
  resources: {},
  arguments: { checked: 0, accepted: 0 },
  recovery: {
    layerRebuild: { rtoSeconds: 135, data: 'kept' },
    diskRestore: {
      rtoSeconds: 120,
      rpoSeconds: 90,
      data: 'back to 2026-01-05T02:00:00Z',
      path: [{ name: 'create the disk', seconds: 30, shorter: 'a smaller disk' }],
    },
  },
};

test('a recovery by hand has the same operations of the cloud, and a person for each command', () => {
  expect(byHand(report, 'layerRebuild')).toEqual({ commands: 7, seconds: 7 * PERSON_SECONDS + 25 + 30 + 90 + 80 });
  expect(byHand(report, 'diskRestore')).toEqual({ commands: 6, seconds: 6 * PERSON_SECONDS + 120 });
  expect(byHand({ ...report, recovery: {} }, 'diskRestore')).toBeUndefined();
});

test('a drill shows each recovery next to the one by hand, and what waits for what', () => {
  const lines = drillText(report).split('\n');
  expect(lines).toContainEqual(expect.stringMatching(/^disk restore +2 min 0 s +8 min 0 s, 6 commands +back to 2026/));
  expect(lines).toContainEqual(expect.stringMatching(/^layer rebuild +2 min 15 s +10 min 45 s, 7 commands +kept$/));
  expect(lines).toContainEqual(expect.stringMatching(/^create the disk +30 s +a smaller disk$/));
});

test('the durations of a drill are those that --compare reads, of the steps that took time', () => {
  expect(durationsOf(report).steps).toMatchObject({ 'destroy 01-k8s': 20 });
  expect(durationsOf(report).steps).not.toHaveProperty('the same VM: address and node name');
});

describe('the steps of a drill', () => {
  const platform = loadPlatform('threads', { restoreFile: 'absent.json' });
  const names = (...given: Parameters<typeof drill>) => drill(...given).map(({ name }) => name);

  test('on an environment that is deployed begin with its plans, and deploy nothing first', () => {
    const all = names(platform, 'prod', ['disk-restore'], true);
    expect(all.slice(0, 2)).toEqual(['every plan is empty before', 'write a data marker']);
    expect(all).not.toContain('deploy 00-vpc');
    expect(all.at(-1)).toBe('every plan is empty');
  });

  test('have one recovery, or both', () => {
    expect(names(platform, 'prod', ['layer-rebuild'])).not.toContain('restore 00-vpc from the snapshot');
    expect(names(platform, 'prod', ['layer-rebuild', 'disk-restore'])).toEqual(
      expect.arrayContaining(['destroy 01-k8s', 'restore 00-vpc from the snapshot']),
    );
  });

  test('are refused where a cluster has no such recovery', () => {
    expect(() => drill(platform, 'local', ['disk-restore'])).toThrow(
      'environment "local" has no disk-restore: its cluster is "kubeconfig"',
    );
  });
});

test.each(readdirSync('docs/runbooks'))('runbook %s fits on a screen: at most 45 lines', (file) => {
  const lines = readFileSync(join('docs/runbooks', file), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(45);
});
