import type { ClusterApi } from '../api-server/api';
import { NAMESPACES } from '../api-server/objects';
import { builtIn } from './built-in';

/** Gives each namespace its service account `default` and the cluster's certificate authority. */
export const namespaces = builtIn('namespace', (cluster) => {
  for (const { metadata } of cluster.list(NAMESPACES)) {
    if (metadata.deletionTimestamp) continue;
    ensure(cluster, 'ServiceAccount', metadata.name, 'default', {});
    ensure(cluster, 'ConfigMap', metadata.name, 'kube-root-ca.crt', {
      data: { 'ca.crt': 'simulated certificate authority\n' },
    });
  }
});

function ensure(cluster: ClusterApi, kind: string, namespace: string, name: string, content: object): void {
  if (cluster.get({ group: '', kind, namespace, name })) return;
  cluster.create({ apiVersion: 'v1', kind, metadata: { name, namespace }, ...content });
}
