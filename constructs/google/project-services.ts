import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { Aspects, dependable, TerraformResource } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { Propagation } from './propagation';

/** Services that 00-vpc, its VM and the workflows use. */
export const PLATFORM_SERVICES = [
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

/** Properties of `ProjectServices`. */
export interface ProjectServicesProps {
  /** Id of the Google project. */
  readonly project: string;
  /** Short names of the services, such as `compute`. */
  readonly services: readonly string[];
}

/**
 * The enabled services (APIs) of a project.
 *
 * Creates:
 * - a `google_project_service` for each service (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/google_project_service)
 * - a wait until they are effective
 *
 * Destroying it leaves the services enabled, since another environment may use the same project.
 *
 * @example
 * const services = new ProjectServices(this, 'services', { project: 'acme-project', services: ['compute'] });
 * new PrivateNetwork(this, 'network', { prefix: 'threads-prod', cidr: '10.10.0.0/24' });
 * services.requiredBy(this);
 */
export class ProjectServices extends Construct {
  private readonly enabled: ProjectService;
  private readonly effective: Propagation;

  constructor(scope: Construct, id: string, { project, services }: ProjectServicesProps) {
    super(scope, id);
    this.enabled = new ProjectService(this, 'enabled', {
      project,
      service: '${each.value}',
      disableOnDestroy: false,
    });
    // A map, so that each service's address contains its name and one dependency covers all of them.
    this.enabled.addOverride('for_each', Object.fromEntries(services.map((name) => [name, `${name}.googleapis.com`])));
    this.effective = new Propagation(this, 'effective', {
      of: this.enabled,
      triggers: { services: services.join(' ') },
    });
  }

  /** Makes every other resource of a scope depend on the services, also those that are created later. */
  requiredBy(scope: IConstruct): void {
    Aspects.of(scope).add({
      visit: (node) => {
        if (!(node instanceof TerraformResource) || node.node.scopes.includes(this)) return;
        node.dependsOn = [...(node.dependsOn ?? []), dependable(this.effective)];
      },
    });
  }
}
