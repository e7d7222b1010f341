import { DataGithubRepository } from '@cdktf/provider-github/lib/data-github-repository';
import { DataGithubRestApi } from '@cdktf/provider-github/lib/data-github-rest-api';
import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider';
import { Fn, propertyAccess } from 'cdktf';
import { Construct } from 'constructs';
import type { RepositoryOnGithub } from '../../platforms/schema/repository-on-github';

/** Source: https://docs.github.com/en/actions/reference/security/oidc */
const ISSUER = 'https://token.actions.githubusercontent.com';

/** What IAM can bind to, from the claims of GitHub's token. A job without an environment has no such claim. */
const ATTRIBUTES = {
  'google.subject': 'assertion.sub',
  'attribute.repository_id': 'assertion.repository_id',
  'attribute.environment': "has(assertion.environment) ? assertion.environment : ''",
  'attribute.ref': 'assertion.ref',
};

/** What a job of a workflow is identified by. */
export type JobAttribute = 'repository_id' | 'environment' | 'ref';

/** Properties of `GithubFederation`. */
export interface GithubFederationProps {
  /** Id of the pool, 4 to 32 characters. */
  readonly poolId: string;
  /** The only repository whose workflows may sign in. */
  readonly repository: RepositoryOnGithub;
}

/**
 * Lets the workflows of one GitHub repository sign in to Google Cloud without a key.
 *
 * Creates:
 * - a workload identity pool (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/iam_workload_identity_pool),
 *   which cannot be destroyed: Google keeps the name of a deleted pool for 30 days
 * - its provider (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/iam_workload_identity_pool_provider),
 *   which accepts tokens of this repository and its owner only. Both are identified by number: a name can be taken by somebody else
 *   once it is free
 *
 * @example
 * new GithubFederation(this, 'federation', {
 *   poolId: 'threads-github',
 *   repository: { owner: 'acme', name: 'web' },
 * });
 */
export class GithubFederation extends Construct {
  readonly pool: IamWorkloadIdentityPool;
  readonly provider: IamWorkloadIdentityPoolProvider;
  /** Number of the repository, as a string. */
  readonly repositoryId: string;

  constructor(scope: Construct, id: string, { poolId, repository }: GithubFederationProps) {
    super(scope, id);
    const { repoId } = new DataGithubRepository(this, 'repository', {
      fullName: `${repository.owner}/${repository.name}`,
    });
    const owner = new DataGithubRestApi(this, 'owner', { endpoint: `users/${repository.owner}` });
    const ownerId = Fn.tostring(propertyAccess(Fn.jsondecode(owner.body), ['id']));
    this.repositoryId = Fn.tostring(repoId);
    this.pool = new IamWorkloadIdentityPool(this, 'pool', {
      workloadIdentityPoolId: poolId,
      displayName: 'GitHub Actions',
      description: `workflows of ${repository.owner}/${repository.name}`,
      lifecycle: { preventDestroy: true },
    });
    this.provider = new IamWorkloadIdentityPoolProvider(this, 'provider', {
      workloadIdentityPoolId: this.pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: 'github',
      displayName: 'GitHub Actions',
      attributeMapping: ATTRIBUTES,
      attributeCondition: `assertion.repository_id == '${this.repositoryId}' && assertion.repository_owner_id == '${ownerId}'`,
      oidc: { issuerUri: ISSUER },
      lifecycle: { preventDestroy: true },
    });
  }
}

/**
 * The IAM member for all jobs with an attribute, such as `environment` = `prod`.
 *
 * @param pool - full name of the pool: `projects/NUMBER/locations/global/workloadIdentityPools/ID`.
 */
export function jobsWith(pool: string, attribute: JobAttribute, value: string): string {
  return `principalSet://iam.googleapis.com/${pool}/attribute.${attribute}/${value}`;
}
