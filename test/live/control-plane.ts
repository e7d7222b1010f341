import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePorts, startEnvtest } from '../cluster/envtest';
import { APPLY, kubectl, mustKubectl } from '../cluster/kubectl';
import { lacking } from '../helpers/lane';
import type { Json } from '../helpers/synth';

/** What LIVE_BIN has to hold. */
const BINARIES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'kustomize',
  'argocd',
  'local-path-provisioner',
];

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'node-1',
    labels: { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': 'node-1' },
  },
};
const CAPACITY = { cpu: '8', memory: '32Gi', pods: '250' };

/** What this machine lacks for a control plane with Argo CD. */
export function lacksOfControlPlane(env: NodeJS.ProcessEnv): string[] {
  const bin = env['LIVE_BIN'];
  return [
    ...(bin
      ? BINARIES.filter((name) => !existsSync(join(bin, name))).map((name) => `${name} in LIVE_BIN, ${bin}`)
      : [`LIVE_BIN, a folder with ${BINARIES.join(', ')}`]),
    ...lacking(['redis-server']).map((name) => `${name} (Debian's package)`),
    ...(env['CRDS_DIR'] ? [] : ['CRDS_DIR, a folder with the CRDs of the charts']),
  ];
}

/**
 * A control plane of real binaries with one node of kwok, on which every pod runs as soon as it is scheduled: it pulls no
 * image and reads no Secret.
 */
export class ControlPlane {
  private constructor(
    private readonly bin: string,
    private readonly server: Awaited<ReturnType<typeof startEnvtest>>,
  ) {}

  /** Starts it on free ports. @param bin - folder of the binaries. */
  static async start(bin: string): Promise<ControlPlane> {
    const server = await startEnvtest(bin, ['*']);
    const plane = new ControlPlane(bin, server);
    const { kubeconfig, run } = server;
    const [kwok] = (await freePorts(1)) as [number];
    const access = { kubeconfig, 'authentication-kubeconfig': kubeconfig, 'authorization-kubeconfig': kubeconfig };
    run('kube-scheduler', { ...access, 'leader-elect': 'false', 'secure-port': 0 });
    run('kwok', {
      kubeconfig,
      'manage-all-nodes': 'true',
      'node-ip': '127.0.0.1',
      'server-address': `127.0.0.1:${kwok}`,
    });
    plane.apply([NODE]);
    plane.patch('node', NODE, { status: { capacity: CAPACITY, allocatable: CAPACITY } }, '--subresource=status');
    return plane;
  }

  /** Ends all of it. */
  stop(): void {
    this.server.stop();
  }

  /** The last lines of a program's log. */
  log(name: string): string {
    const file = join(this.server.home, `${name}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-20).join('\n') : '';
  }

  kubectl(args: readonly string[], objects: readonly Json[] = []): string {
    return mustKubectl(this.server.kubeconfig, args, objects);
  }

  /** Applies objects as a user does, with strict validation. @returns the server's warnings and refusals. */
  apply(objects: readonly Json[]): string {
    return objects.length ? kubectl(this.server.kubeconfig, [...APPLY, '--force-conflicts'], objects).stderr : '';
  }

  /** Objects of a kind in all namespaces, none where the server does not have the kind. */
  list(kind: string): Json[] {
    const { code, stdout } = kubectl(this.server.kubeconfig, ['get', kind, '--all-namespaces', '-o=json']);
    return code === 0 ? JSON.parse(stdout).items : [];
  }

  /** Merges a change into an object. */
  patch(kind: string, { metadata: { name, namespace } }: Json, change: object, ...args: readonly string[]): void {
    const where = namespace ? [`--namespace=${namespace}`] : [];
    this.kubectl(['patch', kind, name, ...where, '--type=merge', `--patch=${JSON.stringify(change)}`, ...args]);
  }

  /** Starts Argo CD's repo server and application controller, with their redis, as administrators of the cluster. */
  async startArgoCd(): Promise<void> {
    const { kubeconfig, run, home } = this.server;
    const [redis, repo, repoMetrics, metrics] = (await freePorts(4)) as [number, number, number, number];
    mkdirSync(join(home, 'tmp'));
    const argocd = (name: string, flags: Readonly<Record<string, string | number>>) =>
      run(name, flags, {
        command: join(this.bin, 'argocd'),
        env: {
          PATH: `${this.bin}:${process.env['PATH']}`,
          TMPDIR: join(home, 'tmp'),
          KUBECONFIG: kubeconfig,
          ARGOCD_BINARY_NAME: name,
          ARGOCD_FAKE_IN_CLUSTER: 'true',
          ARGOCD_GPG_ENABLED: 'false',
          ARGOCD_APPLICATION_CONTROLLER_PERSIST_RESOURCE_HEALTH: 'true',
        },
      });
    run(
      'redis',
      {},
      {
        command: 'redis-server',
        words: ['--port', String(redis), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        env: { PATH: process.env['PATH'] },
      },
    );
    argocd('argocd-repo-server', {
      redis: `127.0.0.1:${redis}`,
      address: '127.0.0.1',
      port: repo,
      'metrics-port': repoMetrics,
      'disable-tls': 'true',
    });
    argocd('argocd-application-controller', {
      kubeconfig,
      namespace: 'argocd',
      redis: `127.0.0.1:${redis}`,
      'repo-server': `127.0.0.1:${repo}`,
      'repo-server-plaintext': 'true',
      'metrics-port': metrics,
    });
  }

  /** Serves the bare repositories of a folder. @returns the URL that they are below. */
  async startGit(folder: string): Promise<string> {
    const [port] = (await freePorts(1)) as [number];
    const command = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon');
    const flags = { 'base-path': folder, listen: '127.0.0.1', port };
    const env = { PATH: process.env['PATH'] };
    this.server.run('git-daemon', flags, { command, words: ['--export-all', '--reuseaddr'], env });
    return `git://127.0.0.1:${port}`;
  }

  /**
   * Starts the provisioner of volumes as its Deployment says: its arguments, its environment, its files, and the rights of
   * its own ServiceAccount.
   */
  startProvisioner({ metadata: { namespace }, spec }: Json, configMaps: readonly Json[]): void {
    const { run, home } = this.server;
    const { containers, volumes = [], serviceAccountName } = spec.template.spec;
    const [container] = containers;
    let [, ...words] = [...container.command, ...(container.args ?? [])] as string[];
    for (const { name, mountPath } of container.volumeMounts ?? []) {
      const map = volumes.find((volume: Json) => volume.name === name)?.configMap?.name;
      const data = configMaps.find(({ metadata }) => metadata.name === map && metadata.namespace === namespace)?.data;
      const folder = join(home, `provisioner-${name}`);
      mkdirSync(folder);
      for (const [file, text] of Object.entries<string>(data ?? {})) writeFileSync(join(folder, file), text);
      words = words.map((word) => word.replace(mountPath.replace(/\/$/, ''), folder));
    }
    const own = join(home, 'provisioner.kubeconfig');
    const config = JSON.parse(this.kubectl(['config', 'view', '--raw', '--output=json']));
    const token = this.kubectl(['create', 'token', serviceAccountName, `--namespace=${namespace}`]).trim();
    writeFileSync(own, stringify({ ...config, users: [{ name: 'admin', user: { token } }] }), { mode: 0o600 });
    run('local-path-provisioner', {}, { words: [...words, '--kubeconfig', own], env: { POD_NAMESPACE: namespace } });
  }

  /** Repeats a step until it says that it is done. @throws Error after so many seconds, with what `why` says. */
  async until(seconds: number, isDone: () => boolean, why: () => string): Promise<void> {
    for (const end = Date.now() + seconds * 1000; !isDone(); await setTimeout(1000))
      if (Date.now() > end) throw new Error(`not done after ${seconds} seconds: ${why()}`);
  }
}
