import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { dependable, TerraformResource, type TerraformStack } from 'cdktf';
import { Construct } from 'constructs';

/** What the layer itself calls, and what its machine and the workflows do. */
const SERVICES = [
  'artifactregistry',
  'cloudresourcemanager',
  'cloudscheduler',
  'compute',
  'iam',
  'iamcredentials',
  'iap',
  'logging',
  'monitoring',
  'oslogin',
  'secretmanager',
  'serviceusage',
  'storage',
  'sts',
];

export interface ProjectServicesProps {
  readonly project: string;
  /** Services beside the ones that every environment needs, such as `billingbudgets`. @default [] */
  readonly further?: readonly string[];
}

/**
 * The services of a project, switched on for good: another environment may use the same project, so a destroyed one
 * leaves them on.
 */
export class ProjectServices extends Construct {
  private readonly enabled: ProjectService;

  constructor(scope: Construct, id: string, { project, further = [] }: ProjectServicesProps) {
    super(scope, id);
    const names = [...SERVICES, ...further];
    this.enabled = new ProjectService(this, 'enabled', {
      project,
      service: '${each.value}',
      disableOnDestroy: false,
    });
    // An object, so that each service has an address of its own name and everything can depend on all at once.
    this.enabled.addOverride('for_each', Object.fromEntries(names.map((name) => [name, `${name}.googleapis.com`])));
  }

  /** Makes everything else that the stack holds by now wait for the services, and go before them. */
  precede(stack: TerraformStack): void {
    for (const other of stack.node.findAll()) {
      if (!(other instanceof TerraformResource) || other === this.enabled) continue;
      other.dependsOn = [...(other.dependsOn ?? []), dependable(this.enabled)];
    }
  }
}
