import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The checkout. */
export const ROOT = resolve(__dirname, '../..');

/** The cdktf of the checkout. */
export const CDKTF = join(ROOT, 'node_modules', '.bin', 'cdktf');

/** What cdktf.json of a project elsewhere says to synthesise our app. */
export const APP = `node -r ${ROOT}/register.cjs ${ROOT}/main.ts`;

/** How a command ended. */
export interface Ended {
  readonly code: number;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Runs a command to its end. */
export function runCommand(
  cwd: string,
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return new Promise((done) => {
    execFile(command, args, { cwd, env: { ...process.env, CI: 'true', ...env } }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

/**
 * A folder for a test file, and `npm run sandbox --` in it: called by a user whose working directory is `cwd`, but
 * without npm, which takes longer to start than the rest.
 */
export function sandboxCommand() {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const directory = join(folder, 'clouds');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const inside = (cwd: string, ...words: string[]): Promise<Ended> =>
    runCommand(ROOT, ['node', '-r', './register.cjs', 'scripts/sandbox.ts', '--directory', directory, ...words], {
      npm_lifecycle_event: 'sandbox',
      INIT_CWD: cwd,
    });
  return { folder, directory, inside };
}
