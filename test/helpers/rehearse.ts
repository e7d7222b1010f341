import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RehearsalReport } from '../../rehearsal/report';

/**
 * The whole life of an environment, by the command as its users call it. Its clouds and its reports lie below the folder.
 *
 * @throws when it does not end well, with what it printed.
 */
export async function rehearse(folder: string, platform: string, env: string): Promise<RehearsalReport> {
  const places = ['--directory', join(folder, 'clouds'), '--report', join(folder, 'reports')];
  const options = ['--platform', platform, '--env', env, '--json', ...places];
  const command = ['-r', './register.cjs', 'scripts/rehearse.ts', ...options];
  const { stdout } = await promisify(execFile)('node', command, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as RehearsalReport;
}
