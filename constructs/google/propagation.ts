import { Sleep } from '@cdktf/provider-time/lib/sleep';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * Time in which an enabled service or a granted role becomes effective. Google states "a few minutes" for services, and "in
 * general, within 2 minutes" for IAM: https://cloud.google.com/iam/docs/access-change-propagation
 */
const DURATION = '120s';

/** Properties of `Propagation`. */
export interface PropagationProps {
  /** The service or IAM grant that has to become effective. */
  readonly of: ITerraformDependable;
  /** Values that identify the change: a new value starts another wait. */
  readonly triggers: Readonly<Record<string, string>>;
}

/**
 * A wait until a change of services or IAM is effective. Resources that need the change depend on this construct.
 *
 * Creates a `time_sleep` (https://registry.terraform.io/providers/hashicorp/time/latest/docs/resources/sleep), which waits only when
 * it is created, so later plans and applies are not slower. If Google takes longer, the deployment fails; run it again.
 *
 * @example
 * const service = new ProjectService(this, 'service', { service: 'compute.googleapis.com' });
 * new Propagation(this, 'effective', { of: service, triggers: { service: service.id } });
 */
export class Propagation extends Sleep {
  constructor(scope: Construct, id: string, props: PropagationProps) {
    super(scope, id, { createDuration: DURATION, dependsOn: [props.of], triggers: { ...props.triggers } });
  }
}
