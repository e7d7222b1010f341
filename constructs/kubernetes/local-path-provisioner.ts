import { ClusterRoleBindingV1 } from '@cdktf/provider-kubernetes/lib/cluster-role-binding-v1';
import { ClusterRoleV1 } from '@cdktf/provider-kubernetes/lib/cluster-role-v1';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { RoleBindingV1 } from '@cdktf/provider-kubernetes/lib/role-binding-v1';
import { RoleV1 } from '@cdktf/provider-kubernetes/lib/role-v1';
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1';
import { StorageClassV1 } from '@cdktf/provider-kubernetes/lib/storage-class-v1';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Namespace } from './namespace';

const NAME = 'local-path-provisioner';
const IMAGE = 'docker.io/rancher/local-path-provisioner:v0.0.36';
const HELPER_IMAGE = 'docker.io/library/busybox:1.37.0';

/** Folder on the node that contains all volumes. */
const VOLUMES = '/opt/local-path-provisioner';

/** Properties of `LocalPathProvisioner`. */
export interface LocalPathProvisionerProps {
  /** Namespace that it runs in. Its helper pods need Pod Security `privileged`. */
  readonly namespace: Namespace;
  /**
   * What happens to a volume when its claim is deleted. See
   * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
   */
  readonly reclaimPolicy: 'Retain' | 'Delete';
}

/**
 * Rancher's local-path-provisioner, which creates volumes as folders on the node.
 *
 * Creates:
 * - a ServiceAccount with its roles
 * - a ConfigMap with the configuration
 * - the Deployment
 * - the default StorageClass `local-path`
 *
 * See https://github.com/rancher/local-path-provisioner
 *
 * @example
 * const namespace = new Namespace(this, 'local-path', { name: 'local-path-storage', podSecurity: 'privileged' });
 * new LocalPathProvisioner(this, 'local-path-provisioner', { namespace, reclaimPolicy: 'Retain' });
 */
export class LocalPathProvisioner extends Construct {
  /** The default storage class. */
  readonly storageClass: StorageClassV1;

  constructor(scope: Construct, id: string, { namespace, reclaimPolicy }: LocalPathProvisionerProps) {
    super(scope, id);
    const metadata = { name: NAME, namespace: namespace.name, labels: { 'app.kubernetes.io/name': NAME } };

    const account = new ServiceAccountV1(this, 'service-account', { metadata });
    this.mayProvision(account, metadata);
    const config = new ConfigMapV1(this, 'config', { metadata, data: configuration() });
    this.deployment(account, config, metadata);
    this.storageClass = new StorageClassV1(this, 'storage-class', {
      metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      storageProvisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy,
    });
  }

  /** Allows it to read claims everywhere, to write volumes, and to run its helper pods in its namespace only. */
  private mayProvision(account: ServiceAccountV1, metadata: { name: string; namespace: string }): void {
    const read = ['get', 'list', 'watch'];
    const write = [...read, 'create', 'patch', 'update', 'delete'];
    const rule = (apiGroup: string, resources: string[], verbs: string[]) => ({
      apiGroups: [apiGroup],
      resources,
      verbs,
    });
    const subject = [{ kind: 'ServiceAccount', name: account.metadata.name, namespace: metadata.namespace }];
    const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });

    const clusterRole = new ClusterRoleV1(this, 'cluster-role', {
      metadata: { name: NAME },
      rule: [
        rule('', ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods', 'pods/log'], read),
        rule('', ['persistentvolumes'], write),
        rule('', ['events'], ['create', 'patch']),
        rule('storage.k8s.io', ['storageclasses'], read),
      ],
    });
    new ClusterRoleBindingV1(this, 'cluster-role-binding', {
      metadata: { name: NAME },
      roleRef: roleRef('ClusterRole', clusterRole.metadata.name),
      subject,
    });
    const role = new RoleV1(this, 'role', { metadata, rule: [rule('', ['pods'], write)] });
    new RoleBindingV1(this, 'role-binding', { metadata, roleRef: roleRef('Role', role.metadata.name), subject });
  }

  private deployment(
    account: ServiceAccountV1,
    config: ConfigMapV1,
    metadata: { name: string; labels: Record<string, string> },
  ) {
    new DeploymentV1(this, 'deployment', {
      metadata,
      spec: {
        replicas: '1',
        selector: { matchLabels: metadata.labels },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            serviceAccountName: account.metadata.name,
            securityContext: { runAsNonRoot: true, runAsUser: '65534', seccompProfile: { type: 'RuntimeDefault' } },
            container: [
              {
                name: NAME,
                image: IMAGE,
                // Without the last two, it uses the names in upstream's manifests.
                command: [
                  ...['local-path-provisioner', 'start', '--config', '/etc/config/config.json'],
                  ...['--configmap-name', config.metadata.name],
                  ...['--service-account-name', account.metadata.name],
                ],
                env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
                volumeMount: [{ name: 'config', mountPath: '/etc/config' }],
                resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '64Mi' } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
            volume: [{ name: 'config', configMap: { name: config.metadata.name } }],
          },
        },
      },
    });
  }
}

/** Configuration files of the provisioner. It runs the scripts in a helper pod, where VOL_DIR is the volume's folder. */
function configuration(): Record<string, string> {
  const script = (command: string) => `#!/bin/sh\nset -eu\n${command} "$VOL_DIR"\n`;
  return {
    'config.json': JSON.stringify({ nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [VOLUMES] }] }),
    setup: script('mkdir -m 0777 -p'),
    teardown: script('rm -rf'),
    'helperPod.yaml': stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'helper-pod' },
      spec: { containers: [{ name: 'helper-pod', image: HELPER_IMAGE, imagePullPolicy: 'IfNotPresent' }] },
    }),
  };
}
