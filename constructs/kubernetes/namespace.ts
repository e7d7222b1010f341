import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { Construct } from 'constructs';

/**
 * Address of the metadata server, which gives access tokens of the VM's service account to any process on the VM. See
 * https://cloud.google.com/compute/docs/metadata/overview
 */
const METADATA_SERVER = '169.254.169.254/32';

/** Properties of `Namespace`. */
export interface NamespaceProps {
  /** Name of the namespace. */
  readonly name: string;
  /**
   * Pod Security Standard that is enforced. See https://kubernetes.io/docs/concepts/security/pod-security-standards/ @default
   * 'restricted'
   */
  readonly podSecurity?: 'restricted' | 'baseline' | 'privileged';
  /** Further labels of the namespace. @default - none */
  readonly labels?: Record<string, string>;
  /** Label `app.kubernetes.io/name` of the pods that may use the node's service account. @default - no pods may */
  readonly nodeIdentity?: string;
}

/**
 * A namespace for a component of the platform. Namespaces of applications are in Git.
 *
 * Creates:
 * - the namespace, with Pod Security labels
 * - a NetworkPolicy that allows its pods to connect to anything but the metadata server, from which they could get an access token
 *   of the node's service account, and with it every secret of the environment
 *
 * @example
 * new Namespace(this, 'argocd', { name: 'argocd' });
 */
export class Namespace extends Construct {
  /** Its name, as a reference, so that resources that use it are created after the namespace and destroyed before it. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: NamespaceProps) {
    super(scope, id);
    const { name, podSecurity = 'restricted', labels, nodeIdentity } = props;
    const namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name,
        labels: {
          ...labels,
          'pod-security.kubernetes.io/enforce': podSecurity,
          'pod-security.kubernetes.io/warn': podSecurity,
        },
      },
    });
    this.name = namespace.metadata.name;
    const others = { key: 'app.kubernetes.io/name', operator: 'NotIn', values: [nodeIdentity ?? ''] };
    new NetworkPolicyV1(this, 'metadata-server', {
      metadata: { name: 'no-metadata-server', namespace: this.name },
      spec: {
        podSelector: nodeIdentity ? { matchExpressions: [others] } : {},
        policyTypes: ['Egress'],
        egress: [
          {
            // Pods need a separate rule: whether an ipBlock applies to pod addresses depends on the network plugin.
            to: [{ namespaceSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0', except: [METADATA_SERVER] } }],
          },
        ],
      },
    });
  }
}
