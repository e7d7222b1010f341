import { ActionsEnvironmentVariable } from '@cdktf/provider-github/lib/actions-environment-variable';
import { RepositoryEnvironment } from '@cdktf/provider-github/lib/repository-environment';
import { RepositoryEnvironmentDeploymentPolicy } from '@cdktf/provider-github/lib/repository-environment-deployment-policy';
import { Construct } from 'constructs';

/** Properties of `DeploymentEnvironment`. */
export interface DeploymentEnvironmentProps {
  /** Name of the repository without its owner. */
  readonly repository: string;
  /** Name of the environment. */
  readonly environment: string;
  /** The only branch whose workflows may use it. */
  readonly branch: string;
  /** Values of its variables, by name. @default - none */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * An environment of a GitHub repository. Its secrets and its identities in Google Cloud are only available to workflows of one
 * branch. It has no required reviewers, which private repositories have with GitHub Enterprise only: `npm run gate -- approve` works
 * everywhere.
 *
 * Creates:
 * - the environment (https://registry.terraform.io/providers/integrations/github/6.9.0/docs/resources/repository_environment)
 * - the policy that names its branch (https://registry.terraform.io/providers/integrations/github/6.9.0/docs/resources/repository_environment_deployment_policy)
 * - its variables (https://registry.terraform.io/providers/integrations/github/6.9.0/docs/resources/actions_environment_variable)
 *
 * @example
 * new DeploymentEnvironment(this, 'prod', {
 *   repository: 'web',
 *   environment: 'prod',
 *   branch: 'main',
 *   variables: { GCP_APPLY_SERVICE_ACCOUNT: 'threads-prod-apply@acme-project.iam.gserviceaccount.com' },
 * });
 */
export class DeploymentEnvironment extends Construct {
  readonly environment: RepositoryEnvironment;

  constructor(scope: Construct, id: string, props: DeploymentEnvironmentProps) {
    super(scope, id);
    const { repository, environment, branch, variables = {} } = props;
    this.environment = new RepositoryEnvironment(this, 'environment', {
      repository,
      environment,
      canAdminsBypass: false,
      deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
    });
    const ofEnvironment = { repository, environment, dependsOn: [this.environment] };
    new RepositoryEnvironmentDeploymentPolicy(this, 'branch', { ...ofEnvironment, branchPattern: branch });
    for (const [variableName, value] of Object.entries(variables)) {
      new ActionsEnvironmentVariable(this, variableName, { ...ofEnvironment, variableName, value });
    }
  }
}
