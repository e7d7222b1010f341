import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { messageOf } from '../errors';
import type { ClusterApi } from '../kubernetes/api-server/api';
import { ProviderError } from '../protocol/behaviour';
import type { Values } from '../protocol/values';

/** Finds the simulated cluster behind a kubeconfig. */
export interface ClusterSource {
  /** @param context - the current one when left out. */
  fromKubeconfig(text: string, context?: string): ClusterApi;
}

/**
 * The cluster that a `kubernetes` attribute points to: by kubeconfig file, or by host and token.
 *
 * @param home - the folder that `~` means.
 * @throws ProviderError `Kubernetes cluster unreachable: ...` when there is no such file, or nothing answers.
 */
export function connect(clusters: ClusterSource, kubernetes: Values, home: string): ClusterApi {
  try {
    const cluster = clusters.fromKubeconfig(kubeconfig(kubernetes, home), text(kubernetes['config_context']));
    cluster.assertAnswers();
    return cluster;
  } catch (error) {
    throw new ProviderError('Kubernetes cluster unreachable', messageOf(error));
  }
}

function kubeconfig(kubernetes: Values, home: string): string {
  const path = text(kubernetes['config_path']);
  if (path) return read(path.startsWith('~/') ? join(home, path.slice(2)) : path);
  const server = text(kubernetes['host']);
  if (!server) throw new Error('invalid configuration: no configuration has been provided; set kubernetes.config_path');
  const encode = (pem: string | undefined) => (pem ? Buffer.from(pem).toString('base64') : undefined);
  const cluster = { server, 'certificate-authority-data': encode(text(kubernetes['cluster_ca_certificate'])) };
  const user = {
    token: text(kubernetes['token']),
    'client-certificate-data': encode(text(kubernetes['client_certificate'])),
    'client-key-data': encode(text(kubernetes['client_key'])),
  };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default', cluster }],
    users: [{ name: 'default', user }],
    contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
    'current-context': 'default',
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(missing ? `stat ${file}: no such file or directory` : messageOf(error));
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
