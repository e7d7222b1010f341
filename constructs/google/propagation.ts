import { Sleep } from '@cdktf/provider-time/lib/sleep';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * How long what was enabled or granted is given to take effect everywhere. Google says "a few minutes" of services, and of
 * grants "in general, within 2 minutes": https://cloud.google.com/iam/docs/access-change-propagation
 */
const DURATION = '120s';

export interface PropagationProps {
  /** The service or the grant that has to take effect. */
  readonly of: ITerraformDependable;
  /** Identify it: when one changes, there is another wait. */
  readonly triggers: Readonly<Record<string, string>>;
}

/**
 * A wait until a change of services or of IAM has taken effect. What needs it depends on this instead of on the change.
 *
 * It waits when it is created and never again: a plan of what stands does not take longer. Where Google needs more than two
 * minutes, the deployment fails, and the same command goes on from there.
 */
export class Propagation extends Sleep {
  constructor(scope: Construct, id: string, props: PropagationProps) {
    super(scope, id, { createDuration: DURATION, dependsOn: [props.of], triggers: { ...props.triggers } });
  }
}
