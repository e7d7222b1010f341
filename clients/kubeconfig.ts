import { mkdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { FailedError } from '../errors';
import { type Clock, systemClock } from './clock';
import { run } from './process';

/** A VM with k0s, as `gcloud` identifies it. */
export interface ClusterVm {
  readonly project: string;
  readonly zone: string;
  readonly name: string;
  /** Port on this machine that the tunnel to the VM's 6443 listens on. */
  readonly localPort: number;
}

/** A path that begins with `~/`, under the home folder of whoever has this environment. */
export function inHome(path: string, env: NodeJS.ProcessEnv = process.env): string {
  return path.replace(/^~(?=\/)/, env['HOME'] ?? homedir());
}

/** How long to retry while a VM boots, and the pause between two attempts, in milliseconds. */
const PATIENCE_MS = 10 * 60_000;
const PAUSE_MS = 10_000;

/** Exit code of ssh, and so of gcloud, if it cannot connect; otherwise it is that of the remote command. */
const UNREACHABLE = 255;

/** Errors of `sudo k0s kubeconfig admin` until the first boot has installed k0s and k0s has created its certificates. */
const NOT_YET = /\bk0s: command not found|admin config .*not found/;

/**
 * Fetches the admin kubeconfig of a VM through Identity-Aware Proxy and writes it, readable only by its owner.
 *
 * The SSH key that gcloud adds to the login profile expires after an hour (unit `h`: `m` means months to gcloud), so that
 * the profile does not fill up. While the VM boots, it retries for ten minutes.
 *
 * @param file - where to; `~` is the HOME of `env`.
 * @returns the file's path.
 * @throws {FailedError} with the last output of gcloud.
 */
export async function writeKubeconfig(
  vm: ClusterVm,
  file: string,
  env: NodeJS.ProcessEnv = process.env,
  clock: Pick<Clock, 'now' | 'sleep'> = systemClock,
): Promise<string> {
  return saveKubeconfig(throughTunnel(await fetchKubeconfig(vm, env, clock), vm.localPort), file, env);
}

/** Writes a kubeconfig, readable by its owner alone. @returns the file's path */
export async function saveKubeconfig(
  kubeconfig: string,
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const target = inHome(file, env);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const temporary = join(dirname(target), `.${process.pid}.tmp`);
  await writeFile(temporary, kubeconfig, { mode: 0o600 });
  await rename(temporary, target);
  return target;
}

async function fetchKubeconfig(
  vm: ClusterVm,
  env: NodeJS.ProcessEnv,
  clock: Pick<Clock, 'now' | 'sleep'>,
): Promise<string> {
  const { name, project, zone } = vm;
  const failed = (why: string) => new FailedError(`could not fetch the kubeconfig of ${name}: ${why}`);
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    const { code, stdout, stderr } = await run('gcloud', sshArguments(vm), { env });
    if (code === 0) {
      if (isKubeconfig(stdout)) return stdout;
      throw failed('the VM returned something other than a kubeconfig');
    }
    const said = stderr.trim() || `gcloud ended with exit code ${code}`;
    if (code !== UNREACHABLE && !NOT_YET.test(stderr)) throw failed(said);
    if (clock.now() >= deadline) {
      throw failed(
        `it did not answer within ${PATIENCE_MS / 60_000} minutes; last error: ${said}\n` +
          `for the reason, see its console: gcloud compute instances get-serial-port-output ${name} --project=${project} --zone=${zone}`,
      );
    }
    await clock.sleep(PAUSE_MS);
  }
}

/** True for a kubeconfig, unlike a login banner of the VM. */
export function isKubeconfig(text: string): boolean {
  try {
    return (parse(text) as { kind?: unknown } | null)?.kind === 'Config';
  } catch {
    return false;
  }
}

/** Replaces the API server's address, which is that on the VM, by the local end of the tunnel. */
function throughTunnel(kubeconfig: string, port: number): string {
  return kubeconfig.replace(/(server:\s*https:\/\/)[^/:\s]+:6443\b/g, `$1127.0.0.1:${port}`);
}

function sshArguments(vm: ClusterVm): string[] {
  return [
    'compute',
    'ssh',
    vm.name,
    `--project=${vm.project}`,
    `--zone=${vm.zone}`,
    '--tunnel-through-iap',
    '--ssh-key-expire-after=1h',
    '--quiet',
    '--command',
    'sudo k0s kubeconfig admin',
  ];
}
