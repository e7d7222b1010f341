import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse, stringify } from 'yaml';

/** The parts of a kubeconfig that the sandbox reads. */
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly namespace?: string };
  }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: { readonly server?: string } }[];
}

/**
 * The server that a kubeconfig points to.
 *
 * @param context - the current one when left out.
 * @throws Error with client-go's message when there is none.
 */
export function serverOf(text: string, context?: string): string {
  const config = (parse(text) ?? {}) as Kubeconfig;
  const name = context || config['current-context'];
  const found = config.contexts?.find((other) => other.name === name);
  if (context && !found) throw new Error(`context "${context}" does not exist`);
  const cluster = config.clusters?.find((other) => other.name === found?.context.cluster);
  if (!cluster?.cluster.server) {
    throw new Error(
      'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
    );
  }
  return cluster.cluster.server;
}

/** An administrator's kubeconfig as YAML, with false credentials. @param name - of cluster, user and context. */
export function adminKubeconfig(name: string, server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name: 'admin', user: { token: 'simulated-not-a-credential' } }],
    contexts: [{ name, context: { cluster: name, user: 'admin' } }],
    'current-context': name,
  });
}

/** Adds what a kubeconfig holds to a file, as `kubectl config` would: entries of the same name are replaced, others stay. */
export function addToKubeconfig(file: string, added: string): void {
  const before = (existsSync(file) ? parse(readFileSync(file, 'utf8')) : {}) as Record<string, unknown>;
  const after = parse(added) as Record<string, unknown>;
  const merged: Record<string, unknown> = { ...before, ...after };
  for (const list of ['clusters', 'users', 'contexts']) {
    const [old = [], fresh = []] = [before, after].map((one) => one[list] as { name: string }[] | undefined);
    merged[list] = [...old.filter(({ name }) => !fresh.some((one) => one.name === name)), ...fresh];
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, stringify(merged), { mode: 0o600 });
}
