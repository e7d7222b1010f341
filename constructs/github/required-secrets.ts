import { DataGithubActionsEnvironmentSecrets } from '@cdktf/provider-github/lib/data-github-actions-environment-secrets';
import { DataGithubActionsSecrets } from '@cdktf/provider-github/lib/data-github-actions-secrets';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

/** Properties of `RequiredSecrets`. */
export interface RequiredSecretsProps {
  /** Name of the repository without its owner. */
  readonly repository: string;
  /** Names of the secrets. */
  readonly names: readonly string[];
  /** The environment that they belong to, and what creates it. @default - they belong to the repository */
  readonly environment?: { readonly name: string; readonly createdBy: ITerraformDependable };
}

/**
 * Secrets that must exist in a GitHub repository. A person sets them: no state and no plan ever holds a value.
 *
 * Reads the names of the secrets that exist (https://registry.terraform.io/providers/integrations/github/6.9.0/docs/data-sources/actions_secrets).
 *
 * @example
 * new RequiredSecrets(this, 'secrets', { repository: 'web', names: ['SLACK_BOT_TOKEN'] });
 */
export class RequiredSecrets extends Construct {
  /** Expression of a list: `repository:NAME`, or `repository:environment:NAME`, for each secret that does not exist. */
  readonly missing: string;

  constructor(scope: Construct, id: string, { repository, names, environment }: RequiredSecretsProps) {
    super(scope, id);
    const existing = environment
      ? new DataGithubActionsEnvironmentSecrets(this, 'existing', {
          name: repository,
          environment: environment.name,
          dependsOn: [environment.createdBy],
        })
      : new DataGithubActionsSecrets(this, 'existing', { name: repository });
    const place = [repository, environment?.name].filter(Boolean).join(':');
    const present = `[for one in data.${existing.terraformResourceType}.${existing.friendlyUniqueId}.secrets : one.name]`;
    this.missing = `[for name in sort(setsubtract(${JSON.stringify(names)}, ${present})) : format("${place}:%s", name)]`;
  }
}
