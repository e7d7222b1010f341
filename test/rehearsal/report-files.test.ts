import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RehearsalReport } from '../../rehearsal/report';
import { assertWritable, writeReport } from '../../rehearsal/report-files';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();

test('creates a folder for reports that does not exist', () => {
  const reports = join(folder, 'a', 'b');
  assertWritable(reports);
  expect(existsSync(reports)).toBe(true);
});

test('refuses a file, an empty name and a device as the folder of a report, before anything runs', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => assertWritable(file)).toThrow(`cannot write reports to "${file}"`);
  expect(() => assertWritable('/dev/null')).toThrow('cannot write reports to "/dev/null"');
  expect(() => assertWritable('')).toThrow('--report: empty; give a folder, such as reports');
});

test('replaces the files of the last report as a whole', () => {
  const reports = join(folder, 'reports');
  mkdirSync(reports);
  const report = { ok: true, platform: 'p', env: 'e', steps: [], resources: {}, arguments: {}, recovery: {} };
  const files = writeReport(reports, report as unknown as RehearsalReport, 'log');
  expect(readFileSync(files.log, 'utf8')).toBe('log');
  expect(JSON.parse(readFileSync(files.json, 'utf8'))).toEqual(report);
  expect(existsSync(`${files.page}.tmp`)).toBe(false);
});
