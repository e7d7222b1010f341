import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { Construct } from 'constructs';

/** Properties of `EmptySecrets`. */
export interface EmptySecretsProps {
  /** Ids in Secret Manager, by the name of the secret in the platform, which becomes the construct id. */
  readonly secrets: Readonly<Record<string, string>>;
  /** IAM member that may read the values, such as `serviceAccount:NAME@PROJECT.iam.gserviceaccount.com`. */
  readonly reader: string;
  /** Labels of every secret. */
  readonly labels: Record<string, string>;
}

/**
 * Empty secrets in Secret Manager. Their values are set outside Terraform, so that no state contains them.
 *
 * Creates for each secret:
 * - the secret, without a version (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/secret_manager_secret)
 * - read access for one IAM member (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/secret_manager_secret_iam)
 *
 * @example
 * new EmptySecrets(this, 'secrets', {
 *   secrets: { 'postgres-password': 'threads-prod-postgres-password' },
 *   reader: 'serviceAccount:threads-prod-vm@acme-project.iam.gserviceaccount.com',
 *   labels: { platform: 'threads' },
 * });
 */
export class EmptySecrets extends Construct {
  constructor(scope: Construct, id: string, { secrets, reader, labels }: EmptySecretsProps) {
    super(scope, id);
    for (const [noun, secretId] of Object.entries(secrets)) {
      const secret = new SecretManagerSecret(this, noun, { secretId, labels, replication: { auto: {} } });
      new SecretManagerSecretIamMember(this, `${noun}-reader`, {
        secretId: secret.id,
        role: 'roles/secretmanager.secretAccessor',
        member: reader,
      });
    }
  }
}
