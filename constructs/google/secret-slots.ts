import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { Construct } from 'constructs';

export interface SecretSlotsProps {
  /** The secrets: short noun, which is the construct id, and id in Secret Manager. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Who may read their values: an IAM member such as `serviceAccount:...`. */
  readonly reader: string;
  readonly labels: Record<string, string>;
}

/** Empty secrets in Secret Manager, each readable by one identity. Values never pass through a state. */
export class SecretSlots extends Construct {
  constructor(scope: Construct, id: string, { secrets, reader, labels }: SecretSlotsProps) {
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
