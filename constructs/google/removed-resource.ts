import { TerraformElement, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/** Properties of `RemovedResource`. */
export interface RemovedResourceProps {
  /** Terraform type of the resource, such as `google_compute_disk`. */
  readonly type: string;
}

/**
 * A resource that a construct used to create: Terraform removes it from the state and does not destroy it. Its id is the one that
 * the resource had.
 *
 * Creates:
 * - a `removed` block (https://developer.hashicorp.com/terraform/language/block/removed)
 *
 * @example
 * new RemovedResource(this, 'boot-g1', { type: 'google_compute_disk' });
 */
export class RemovedResource extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RemovedResourceProps,
  ) {
    super(scope, id);
  }

  override toTerraform(): object {
    const address = `${this.props.type}.${TerraformStack.of(this).getLogicalId(this)}`;
    return { removed: [{ from: address, lifecycle: { destroy: false } }] };
  }
}
