import { spawn } from 'node:child_process';

/** How a command ended. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the real terraform in a folder. Never synchronously: the providers usually answer from this very process.
 *
 * @param env - added to the caller's environment, of which nothing that configures terraform is passed on.
 */
export function runTerraform(dir: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return start(dir, args, env).finished;
}

/** Like `runTerraform`, for a test that sends signals. */
export function start(dir: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TF_'));
  const child = spawn('terraform', args, {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    // As in the sandbox: terraform ends before it has used much memory.
    env: { ...Object.fromEntries(inherited), CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', GOGC: '400', ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, ...output }));
  });
  return { child, finished, output };
}
