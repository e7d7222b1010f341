import { GithubProvider } from '@cdktf/provider-github/lib/provider';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { TimeProvider } from '@cdktf/provider-time/lib/provider';
import type { Construct } from 'constructs';
import { GithubFederation, jobsWith } from '../constructs/google/github-federation';
import { ProjectServices } from '../constructs/google/project-services';
import { StateBucket } from '../constructs/google/state-bucket';
import { WorkflowIdentity } from '../constructs/google/workflow-identity';
import * as roles from '../constructs/google/workflow-roles';
import { Layer, type LayerProps } from '../constructs/layer';
import { BOOTSTRAP } from '../contracts/bootstrap';
import { environmentOf } from '../platforms/schema/define-platform';
import { deployedBranches, foundationOwnerOf, layersOf } from '../platforms/schema/environment';
import { firstServicesOf } from '../platforms/schema/first-services';
import { sharedNamesOf } from '../platforms/schema/names';
import { onGithub } from '../platforms/schema/repository-on-github';

/**
 * Layer 0: who may change the other layers. `npm run bootstrap` applies it; no workflow does, since no identity may change its own
 * rights.
 *
 * Creates the identities of workflows for an environment: one applies its layers, one ships to it. In the environment that owns what
 * all share, also the state bucket, the workload identity pool, and the identities that plan and that push images.
 *
 * Exports: `project_id`, `workload_identity_pool`, `workload_identity_provider`, `plan_service_account`, `build_service_account`,
 * `apply_service_account`, `deploy_service_account`.
 */
export default class BootstrapLayer extends Layer<typeof BOOTSTRAP> {
  private readonly project: string;

  constructor(scope: Construct, props: LayerProps) {
    super(scope, BOOTSTRAP, props);
    const { platform, env } = this;
    const { project, region, zone } = platform.google;
    this.project = project;
    new GoogleProvider(this, 'google', { project, region, zone });
    const shared = env === foundationOwnerOf(platform) ? this.shared() : this.read(this.require(BOOTSTRAP));
    const jobs = [jobsWith(shared.workload_identity_pool, 'environment', env)];
    this.export({
      project_id: project,
      workload_identity_pool: shared.workload_identity_pool,
      workload_identity_provider: shared.workload_identity_provider,
      plan_service_account: shared.plan_service_account,
      build_service_account: shared.build_service_account,
      apply_service_account: this.applies(jobs),
      deploy_service_account: this.ships(jobs),
    });
  }

  /** Creates what all environments of the platform share. */
  private shared() {
    const { platform, project } = this;
    const { registry, google, state } = platform;
    const names = sharedNamesOf(platform.name);
    const repository = onGithub(platform.repository.url);
    if (!repository)
      throw new Error(`repository ${platform.repository.url} is not on GitHub; this layer needs one that is`);
    new GithubProvider(this, 'github', { owner: repository.owner });
    new TimeProvider(this, 'time');
    const services = new ProjectServices(this, 'services', { project, services: firstServicesOf(platform) });
    new StateBucket(this, 'states', {
      name: state.bucket,
      project,
      region: google.region,
      labels: this.labels('states'),
    });
    const { pool, provider, repositoryId } = new GithubFederation(this, 'federation', {
      poolId: names.identityPool,
      repository,
    });
    const plan = new WorkflowIdentity(this, 'plan', {
      project,
      account: names.account('plan'),
      displayName: `plans ${platform.name}`,
      jobs: [jobsWith(pool.name, 'repository_id', repositoryId)],
      roles: this.isOnVm(...Object.keys(platform.environments)) ? roles.PLANS_VM : [],
      bucket: { name: state.bucket, roles: roles.plansIn(state.bucket) },
    });
    const build =
      registry.kind === 'artifact-registry'
        ? new WorkflowIdentity(this, 'build', {
            project,
            account: names.account('build'),
            displayName: `pushes images of ${platform.name}`,
            jobs: deployedBranches(platform).map((branch) => jobsWith(pool.name, 'ref', `refs/heads/${branch}`)),
            roles: [roles.pushesTo(project, registry.location, registry.repository)],
          })
        : undefined;
    services.requiredBy(this);
    return {
      workload_identity_pool: pool.name,
      workload_identity_provider: provider.name,
      plan_service_account: plan.account.email,
      build_service_account: build?.account.email ?? '',
    };
  }

  /** Creates the identity that applies the layers. @returns its e-mail address, '' if the environment has none */
  private applies(jobs: readonly string[]): string {
    const { platform, env, project, names } = this;
    if (layersOf(platform, env).length === 0) return '';
    const { bucket } = platform.state;
    const customRoles = ['power', 'watchdog'].map((part) => names.underscored(part));
    return new WorkflowIdentity(this, 'apply', {
      project,
      account: names.account('apply'),
      displayName: `applies the layers of ${platform.name} ${env}`,
      jobs,
      bucket: { name: bucket, roles: roles.APPLIES_STATES },
      ...(this.isOnVm(env) && {
        roles: roles.appliesVm(project, customRoles),
        permissions: { roleId: names.underscored('apply'), permissions: roles.APPLIES_CONTAINERS },
      }),
    }).account.email;
  }

  /** Creates the identity that ships. @returns its e-mail address, '' if the environment needs none */
  private ships(jobs: readonly string[]): string {
    const { platform, env, project, names } = this;
    const { registry } = platform;
    if (!this.isOnVm(env)) return '';
    return new WorkflowIdentity(this, 'deploy', {
      project,
      account: names.account('deploy'),
      displayName: `ships to ${platform.name} ${env}`,
      jobs,
      roles: [
        ...roles.SHIPS_TO_VM,
        ...(registry.kind === 'artifact-registry'
          ? [roles.pushesTo(project, registry.location, registry.repository)]
          : []),
      ],
    }).account.email;
  }

  private isOnVm(...environments: readonly string[]): boolean {
    return environments.some((env) => environmentOf(this.platform, env).cluster.kind === 'k0s-vm');
  }
}
