import { RepositoryRuleset } from '@cdktf/provider-github/lib/repository-ruleset';
import { Construct } from 'constructs';

/** Id of the role "admin" of a repository. Source: https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset */
const ADMIN = 5;

/** Properties of `BranchRules`. */
export interface BranchRulesProps {
  /** Name of the repository without its owner. */
  readonly repository: string;
  /** Names of the branches. */
  readonly branches: readonly string[];
  /**
   * Who pushes without a pull request: `deploy-keys` with write access; `administrators`, for a token of one of them; or `nobody`.
   * The token of a workflow never can.
   */
  readonly pushedBy: 'deploy-keys' | 'administrators' | 'nobody';
  /** Names of the jobs that must succeed before a merge. @default - none */
  readonly checks?: readonly string[];
}

/**
 * Rules of the branches that are deployed: a change needs a pull request and its checks, and history is never rewritten. An
 * administrator may merge a pull request without an approval, so that a team of one can work.
 *
 * Creates a ruleset (https://registry.terraform.io/providers/integrations/github/6.9.0/docs/resources/repository_ruleset).
 *
 * @example
 * new BranchRules(this, 'rules', { repository: 'web', branches: ['main'], pushedBy: 'deploy-keys', checks: ['check'] });
 */
export class BranchRules extends Construct {
  constructor(scope: Construct, id: string, { repository, branches, pushedBy, checks = [] }: BranchRulesProps) {
    super(scope, id);
    new RepositoryRuleset(this, 'ruleset', {
      repository,
      name: 'deployed branches',
      target: 'branch',
      enforcement: 'active',
      conditions: { refName: { include: branches.map((branch) => `refs/heads/${branch}`), exclude: [] } },
      bypassActors: [
        // A deploy key has no id: the rule is about all of them.
        ...(pushedBy === 'deploy-keys' ? [{ actorType: 'DeployKey', bypassMode: 'always' }] : []),
        {
          actorId: ADMIN,
          actorType: 'RepositoryRole',
          bypassMode: pushedBy === 'administrators' ? 'always' : 'pull_request',
        },
      ],
      rules: {
        deletion: true,
        nonFastForward: true,
        pullRequest: { requiredApprovingReviewCount: 1, dismissStaleReviewsOnPush: true },
        ...(checks.length > 0 && {
          requiredStatusChecks: { requiredCheck: checks.map((context) => ({ context })) },
        }),
      },
    });
  }
}
