import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RehearsalReport } from '../../rehearsal/report';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
const clouds = join(folder, 'clouds');
const reports = join(folder, 'reports');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REHEARSE = ['-r', './register.cjs', 'scripts/rehearse.ts', '--directory', clouds, '--report', reports];

test('a rehearsal that is killed in the middle of an apply can be run again at once', async () => {
  const child = spawn('node', REHEARSE, { detached: true });
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => text.includes('deploy 01-k8s') && resolve());
  });
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));

  const { stdout } = await promisify(execFile)('node', [...REHEARSE, '--json'], { maxBuffer: 1 << 26 });
  const report = JSON.parse(stdout) as RehearsalReport;
  expect(report).toEqual(JSON.parse(readFileSync(join(reports, 'rehearsal.json'), 'utf8')));
  expect(report).toMatchObject({ ok: true, platform: 'threads', env: 'prod', simulated: true });
});

describe('after the rehearsal', () => {
  const report = () => JSON.parse(readFileSync(join(reports, 'rehearsal.json'), 'utf8')) as RehearsalReport;

  test('every layer holds resources, and every argument was looked at by a rule', () => {
    expect(Object.keys(report().resources)).toEqual(['00-vpc', '01-k8s', '02-argocd-app']);
    expect(Math.min(...Object.values(report().resources))).toBeGreaterThan(0);
    expect(report().arguments.checked).toBeGreaterThan(100);
    expect(report().arguments.accepted).toBe(0);
  });

  test('the layer rebuild kept the data, the disk restore went back to the snapshot', () => {
    const { layerRebuild, diskRestore } = report().recovery;
    expect(layerRebuild).toMatchObject({ data: 'kept' });
    expect(diskRestore?.data).toMatch(/^back to \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(diskRestore?.rpoSeconds).toBeGreaterThan(0);
    expect(diskRestore?.rtoSeconds).toBeGreaterThan(0);
  });

  test('snapshots carry the names that sort by layer and time', () => {
    const world = JSON.parse(readFileSync(join(clouds, 'world.json'), 'utf8')) as { resources: Record<string, object> };
    const names = Object.keys(world.resources['google_compute_snapshot'] ?? {}).map((key) => key.split('/').at(-1));
    expect(names).toEqual([
      expect.stringMatching(/^snapshot-00-vpc-\d{8}-\d{6}$/),
      expect.stringMatching(/^threads-prod-vm-01-k8s-\d{8}-\d{6}$/),
      expect.stringMatching(/^threads-prod-vm-02-argocd-app-\d{8}-\d{6}$/),
    ]);
  });

  test('no report and no plan holds the value of a secret', () => {
    const holds = (path: string) => {
      try {
        return execFileSync('grep', ['-rl', 'rehearsed-value-of', path]).toString();
      } catch {
        return '';
      }
    };
    expect(readdirSync(reports).sort()).toEqual(['rehearsal.html', 'rehearsal.json', 'rehearsal.log']);
    expect(holds(reports) + holds(join(clouds, 'cdktf.out')) + holds(join(clouds, 'home'))).toBe('');
  });

  test('the page is self-contained', () => {
    const page = readFileSync(join(reports, 'rehearsal.html'), 'utf8');
    expect(page).toContain('<h1>Rehearsal on simulated clouds: ');
    expect(page).not.toMatch(/(src|href)="?https?:|<script|@import/);
  });
});
