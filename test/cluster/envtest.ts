import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { kubectl } from './kubectl';

/** Controllers that namespaces, their accounts and claims need. No other one runs, so nobody but us changes an object. */
const CONTROLLERS = [
  'namespace-controller',
  'serviceaccount-controller',
  'persistentvolumeclaim-protection-controller',
];

/** Ends a program with this process even where that is killed, on systems that have util-linux. */
const GUARD = ['/usr/bin/setpriv', '/bin/setpriv']
  .filter(existsSync)
  .slice(0, 1)
  .flatMap((path) => [path, '--pdeathsig', 'KILL', '--']);

/** How a program is started that differs from Kubernetes' own. */
interface More {
  /** The program. @default - that of the name, among the binaries */
  readonly command?: string;
  /** Arguments before the flags. */
  readonly words?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Seconds until the API server has to answer: it takes about five on two free cores. */
const PATIENCE = 90;

/**
 * Starts etcd, kube-apiserver and, where it is there, kube-controller-manager from a folder of binaries. All listen on
 * free ports of the loopback address, keep everything in one temporary folder, and end with this process.
 *
 * @param controllers - those of kube-controller-manager that run. @default - what an API server needs by itself
 * @returns the server, and `run` to start more next to it.
 * @throws Error with the last lines of its log when the API server does not become ready.
 */
export async function startEnvtest(binaries: string, controllers: readonly string[] = CONTROLLERS) {
  const home = mkdtempSync(join(tmpdir(), 'strata-envtest-'));
  const running: ChildProcess[] = [];
  const stop = () => {
    for (const one of running.splice(0)) one.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stop);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => process.exit(code));
  const run = (name: string, flags: Readonly<Record<string, string | number>>, more: More = {}) => {
    const log = openSync(join(home, `${name}.log`), 'w');
    const args = [...(more.words ?? []), ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)];
    const env = { HOME: home, ...more.env };
    const command = [...GUARD, more.command ?? join(binaries, name), ...args] as [string, ...string[]];
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', log, log], env, cwd: home });
    running.push(child);
    return child;
  };
  try {
    const [etcd, peer, api] = (await freePorts(3)) as [number, number, number];
    const { kubeconfig, tokens, key, publicKey, certificates } = writeIdentity(home, api);
    run('etcd', {
      'data-dir': join(home, 'etcd'),
      'listen-client-urls': `http://127.0.0.1:${etcd}`,
      'advertise-client-urls': `http://127.0.0.1:${etcd}`,
      'listen-peer-urls': `http://127.0.0.1:${peer}`,
      'unsafe-no-fsync': 'true',
    });
    run('kube-apiserver', {
      'etcd-servers': `http://127.0.0.1:${etcd}`,
      'bind-address': '127.0.0.1',
      'secure-port': api,
      // It writes a serving certificate for its bind address there.
      'cert-dir': certificates,
      'token-auth-file': tokens,
      'authorization-mode': 'RBAC',
      'allow-privileged': 'true',
      'service-cluster-ip-range': '10.96.0.0/16',
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-signing-key-file': key,
      'service-account-key-file': publicKey,
      'endpoint-reconciler-type': 'none',
    });
    await ready(kubeconfig, running, () => tail(join(home, 'kube-apiserver.log')));
    const hasControllers = existsSync(join(binaries, 'kube-controller-manager'));
    if (hasControllers) {
      run('kube-controller-manager', {
        kubeconfig,
        controllers: controllers.join(','),
        'service-account-private-key-file': key,
        'leader-elect': 'false',
        'secure-port': 0,
        // On a busy machine a node's heartbeats are late, and its pods would not be ready any more.
        'node-monitor-grace-period': '1h',
      });
    }
    return { name: 'envtest', kubeconfig, hasControllers, isQuiet: true, stop, run, home };
  } catch (error) {
    stop();
    throw error;
  }
}

/** The administrator's kubeconfig and token, and the key of service accounts: of this run only, readable by its user only. */
function writeIdentity(home: string, port: number) {
  const at = (name: string) => join(home, name);
  const write = (name: string, text: string) => {
    writeFileSync(at(name), text, { mode: 0o600 });
    return at(name);
  };
  const token = randomBytes(32).toString('hex');
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificates = at('certificates');
  mkdirSync(certificates);
  const server = `https://127.0.0.1:${port}`;
  return {
    certificates,
    kubeconfig: write(
      'kubeconfig',
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          { name: 'envtest', cluster: { server, 'certificate-authority': join(certificates, 'apiserver.crt') } },
        ],
        users: [{ name: 'admin', user: { token } }],
        contexts: [{ name: 'envtest', context: { cluster: 'envtest', user: 'admin' } }],
        'current-context': 'envtest',
      }),
    ),
    tokens: write('tokens.csv', `${token},admin,admin,system:masters\n`),
    key: write('service-accounts.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    publicKey: write('service-accounts.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString()),
  };
}

async function ready(kubeconfig: string, running: readonly ChildProcess[], log: () => string): Promise<void> {
  const until = Date.now() + PATIENCE * 1000;
  while (kubectl(kubeconfig, ['get', '--raw=/readyz', '--request-timeout=5s']).code !== 0) {
    const isDead = running.some(({ exitCode }) => exitCode !== null);
    if (isDead || Date.now() > until) throw new Error(`kube-apiserver is not ready; the end of its log:\n${log()}`);
    await setTimeout(200);
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-10).join('\n');
}

/** Ports that were free a moment ago, each another one. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  return Promise.all(
    servers.map(async (server) => {
      if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address ? address.port : 0;
    }),
  );
}
