import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { dependable, TerraformResource, type TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { Propagation } from './propagation';

/**
 * Services that have to be enabled before the first plan of 00-vpc: what enables services, and what is read at plan. A layer
 * cannot enable them for itself.
 */
export const FIRST_SERVICES = ['cloudresourcemanager', 'serviceusage', 'cloudbilling', 'iam', 'compute', 'storage'];

/** What the layer itself calls, and what its machine and the workflows do. */
const SERVICES = [
  'artifactregistry',
  'cloudbilling',
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
 * The services of a project, enabled for good: another environment may use the same project, so a destroyed one leaves them
 * enabled.
 */
export class ProjectServices extends Construct {
  private readonly enabled: ProjectService;
  private readonly effective: Propagation;

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
    this.effective = new Propagation(this, 'effective', { of: this.enabled, triggers: { services: names.join(' ') } });
  }

  /** Makes everything else that the stack holds by now wait until the services are effective, and go before them. */
  precede(stack: TerraformStack): void {
    for (const other of stack.node.findAll()) {
      if (!(other instanceof TerraformResource) || this.node.findAll().includes(other)) continue;
      other.dependsOn = [...(other.dependsOn ?? []), dependable(this.effective)];
    }
  }
}
