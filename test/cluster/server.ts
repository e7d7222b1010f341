import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEnvtest } from './envtest';
import { mustKubectl } from './kubectl';

/** A real API server that tests may fill and empty. */
export interface Server {
  /** What it is, for people. */
  readonly name: string;
  readonly kubeconfig: string;
  /** Whether namespaces go away by themselves and have a service account. */
  readonly hasControllers: boolean;
  /** Whether nobody but the tests changes objects, such as a controller that writes a status. */
  readonly isQuiet: boolean;
  /** Ends what was started. What was there before stays. */
  stop(): void;
}

/** Name of the cluster that is made with kind. */
const KIND = 'strata-test';

/** Namespaces that a cluster has before anybody uses it. */
const OWN_NAMESPACES = /^(default|kube-.*|local-path-storage)$/;

/**
 * The API server to test with: that of KUBECONFIG, a new one of kind, or one of the binaries in KUBEBUILDER_ASSETS.
 *
 * @returns what is lacking, when there is none.
 */
export async function findServer(env: NodeJS.ProcessEnv): Promise<Server | string> {
  if (env['KUBECONFIG']) return given(env['KUBECONFIG']);
  if (runs('kind', ['version']) && runs('docker', ['info'])) return makeKind();
  const assets = env['KUBEBUILDER_ASSETS'];
  const missing = ['etcd', 'kube-apiserver'].filter((name) => !assets || !existsSync(join(assets, name)));
  if (assets && !missing.length) return startEnvtest(assets);
  return [
    'KUBECONFIG is not set',
    'kind and docker do not both run',
    assets
      ? `KUBEBUILDER_ASSETS, ${assets}, lacks ${missing.join(' and ')}`
      : 'KUBEBUILDER_ASSETS is not set; `setup-envtest use -p path` prints a folder for it',
  ].join('; ');
}

/** A cluster that is there. @throws when somebody uses it: whole platforms are applied to it, and deleted. */
function given(kubeconfig: string): Server {
  const names = mustKubectl(kubeconfig, ['get', 'namespaces', '-o=jsonpath={.items[*].metadata.name}']).split(' ');
  const used = names.filter((name) => !OWN_NAMESPACES.test(name));
  const workloads = mustKubectl(kubeconfig, ['get', 'deployments,statefulsets,pods', '-n=default', '-o=name']).trim();
  if (used.length || workloads) {
    const found = [...used.map((name) => `namespace ${name}`), ...workloads.split('\n').filter(Boolean)].join(', ');
    throw new Error(
      `the cluster of KUBECONFIG is in use (${found}); whole platforms are applied here and deleted: give an empty cluster, or unset KUBECONFIG`,
    );
  }
  return { name: 'the cluster of KUBECONFIG', kubeconfig, hasControllers: true, isQuiet: false, stop: () => {} };
}

function makeKind(): Server {
  const home = mkdtempSync(join(tmpdir(), 'strata-kind-'));
  const kubeconfig = join(home, 'kubeconfig');
  const kind = (...args: string[]) => execFileSync('kind', args, { stdio: 'ignore' });
  const stop = () => {
    kind('delete', 'cluster', '--name', KIND, '--kubeconfig', kubeconfig);
    rmSync(home, { recursive: true, force: true });
  };
  kind('delete', 'cluster', '--name', KIND, '--kubeconfig', kubeconfig);
  kind('create', 'cluster', '--name', KIND, '--kubeconfig', kubeconfig, '--wait', '120s');
  return { name: 'kind', kubeconfig, hasControllers: true, isQuiet: false, stop };
}

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
