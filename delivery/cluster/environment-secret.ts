import { run } from '../../clients/process';
import { FailedError, UsageError } from '../../errors';
import { onGithub } from '../../platforms/schema/repository-on-github';

/** Where a secret of a GitHub environment goes. */
export interface EnvironmentSecret {
  /** Address of the repository. */
  readonly url: string;
  readonly env: string;
  readonly name: string;
}

/** Name of a repository on GitHub, `owner/name`. @throws {UsageError} for other addresses */
function repositoryName(url: string): string {
  const repository = onGithub(url);
  if (repository) return `${repository.owner}/${repository.name}`;
  throw new UsageError(`${url} is not on GitHub, whose environments have secrets`);
}

/**
 * Writes a secret of a GitHub environment by GitHub's CLI, which encrypts it. The value goes by standard input.
 *
 * @param token - may write secrets of environments; the token of a workflow may not.
 * @see https://cli.github.com/manual/gh_secret_set
 */
export async function writeEnvironmentSecret(
  { url, env, name }: EnvironmentSecret,
  value: string,
  token: string,
): Promise<void> {
  const args = ['secret', 'set', name, '--env', env, '--repo', repositoryName(url)];
  const { code, stderr } = await run('gh', args, { env: { ...process.env, GH_TOKEN: token }, input: value });
  if (code === 0) return;
  throw new FailedError(
    `GitHub refused secret ${name} of environment ${env}: ${stderr.trim()}; ` +
      'let INFRA_DEPLOY_TOKEN write secrets of environments (a fine-grained token: Secrets and Environments, read and write)',
  );
}
