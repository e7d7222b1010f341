import { spawnSync } from 'node:child_process';
import type { Json } from '../helpers/synth';

/** How a run of kubectl ended. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real kubectl against a server. @param objects - go to standard input as JSON. */
export function kubectl(kubeconfig: string, args: readonly string[], objects: readonly Json[] = []): Answer {
  const input = objects.map((object) => JSON.stringify(object)).join('\n');
  const { status, stdout, stderr } = spawnSync('kubectl', ['--kubeconfig', kubeconfig, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return { code: status ?? 1, stdout, stderr };
}

/** As `kubectl`, and demands that it succeeds. */
export function mustKubectl(kubeconfig: string, args: readonly string[], objects: readonly Json[] = []): string {
  const { code, stdout, stderr } = kubectl(kubeconfig, args, objects);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

/** What server-side apply of the lane looks like. */
export const APPLY = ['apply', '--server-side', '--validate=strict', '--field-manager=strata', '-f', '-'];
