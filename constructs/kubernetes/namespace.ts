import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { Construct } from 'constructs';

export interface NamespaceProps {
  readonly name: string;
  /** What Pod Security admits. @default 'restricted' */
  readonly podSecurity?: 'restricted' | 'baseline' | 'privileged';
  readonly labels?: Record<string, string>;
}

/** A namespace of the platform, with Pod Security labels. Namespaces of applications live in Git, not here. */
export class Namespace extends Construct {
  /** Its name, as a reference: what uses it is made after the namespace and destroyed before it. */
  readonly name: string;

  constructor(scope: Construct, id: string, { name, podSecurity = 'restricted', labels }: NamespaceProps) {
    super(scope, id);
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
  }
}
