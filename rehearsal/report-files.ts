import { accessSync, constants, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors';
import { renderPage } from './page';
import type { RehearsalReport } from './report';

/** Where the files of a report are. */
export interface ReportFiles {
  readonly page: string;
  readonly json: string;
  readonly log: string;
}

/**
 * Checks that a report can be written, before the rehearsal begins.
 *
 * @throws {UsageError} when the folder is a file, or cannot be created or written to.
 */
export function assertWritable(folder: string): void {
  if (folder.trim() === '') throw new UsageError('--report: empty; give a folder, such as reports');
  try {
    createFolder(resolve(folder));
    if (!statSync(folder).isDirectory()) throw new Error('it is not a folder');
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `cannot write reports to "${folder}": ${(error as Error).message}; choose a folder with --report`,
    );
  }
}

/** As `mkdir -p`; that of node never ends below /proc. */
function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  createFolder(dirname(folder));
  mkdirSync(folder);
}

/**
 * Writes a report as an HTML page, as JSON and as a log. Each file is replaced atomically, so that a full disk does not damage
 * the last report.
 */
export function writeReport(folder: string, report: RehearsalReport, log: string): ReportFiles {
  const files = {
    page: join(folder, 'rehearsal.html'),
    json: join(folder, 'rehearsal.json'),
    log: join(folder, 'rehearsal.log'),
  };
  replace(files.json, `${JSON.stringify(report, null, 2)}\n`);
  replace(files.log, log);
  replace(files.page, renderPage(report));
  return files;
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}
