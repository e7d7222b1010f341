import { mkdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './process';

/** A VM with k0s, as `gcloud` names it. */
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

/** How long one attempt waits for the VM's k0s, and how often it is tried. */
const ATTEMPTS = 30;
const PAUSE_MS = 10_000;

/**
 * Fetches the admin kubeconfig of a VM through Identity-Aware Proxy and writes it, readable by its owner alone.
 *
 * The SSH key that gcloud adds to the login profile expires after an hour (unit `h`: `m` means months to gcloud), so that
 * the profile does not fill up. The VM may still be booting: it is tried again for about five minutes.
 *
 * @param file - where to; `~` is the HOME of `env`.
 * @throws with what ssh said last.
 */
export async function writeKubeconfig(
  vm: ClusterVm,
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const target = inHome(file, env);
  for (let attempt = 1; ; attempt++) {
    const fetched = await run('gcloud', sshArguments(vm), { env });
    if (fetched.code === 0 && fetched.stdout.includes('apiVersion')) {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const temporary = join(dirname(target), `.${process.pid}.tmp`);
      await writeFile(temporary, throughTunnel(fetched.stdout, vm.localPort), { mode: 0o600 });
      await rename(temporary, target);
      return target;
    }
    if (fetched.code !== 255 || attempt === ATTEMPTS) {
      throw new Error(
        `${vm.name} does not hand out its kubeconfig: ${fetched.stderr.trim() || `exit code ${fetched.code}`}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** k0s names the API server as the VM itself reaches it, on 6443; from here it is the tunnel's end. */
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
