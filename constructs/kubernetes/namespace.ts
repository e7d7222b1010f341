import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { Construct } from 'constructs';

/** Where clouds tell a machine who it is, and give its identity to whoever asks. */
const METADATA_SERVER = '169.254.169.254/32';

export interface NamespaceProps {
  readonly name: string;
  /** What Pod Security admits. @default 'restricted' */
  readonly podSecurity?: 'restricted' | 'baseline' | 'privileged';
  readonly labels?: Record<string, string>;
  /** Label `app.kubernetes.io/name` of the only pods that may have the identity of the node. @default - none may */
  readonly nodeIdentity?: string;
}

/**
 * A namespace of the platform, with Pod Security labels, and closed to the metadata server. Namespaces of applications are in
 * Git.
 *
 * It creates a NetworkPolicy by which its pods reach everything but the metadata server, which gives out the node's identity,
 * and with it every secret of the environment.
 */
export class Namespace extends Construct {
  /** Its name, as a reference: what uses it is made after the namespace and destroyed before it. */
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
            // Pods by a rule of their own: whether a block of addresses counts for them is left to the network plugin.
            to: [{ namespaceSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0', except: [METADATA_SERVER] } }],
          },
        ],
      },
    });
  }
}
