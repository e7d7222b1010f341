import { environmentOf } from '../../../platforms/schema/define-platform';
import { githubSettings } from '../../../platforms/schema/github-settings';
import { type Check, ok, wrong } from '../check';
import type { Surroundings } from '../surroundings';
import { onGithub, pathOf, repositoriesOf } from './on-github';

/** Settings that earlier workflows used, and what is used now. */
const DEPRECATED: Readonly<Record<string, string>> = {
  ARGOCD_LOCK: 'the lock is a ref in Git',
  ARGOCD_TOKEN: 'rollouts are read through the Kubernetes API',
  GCP_SA_KEY: 'workflows authenticate with Workload Identity Federation',
  GH_ACCESS_TOKEN: 'CONFIG_DEPLOY_KEY pushes tags',
  KUBE_CONFIG_DATA: 'Argo CD applies, so that no workflow needs a kubeconfig',
};

interface Listed {
  readonly secrets?: readonly { readonly name: string }[];
  readonly variables?: readonly { readonly name: string }[];
}

/** Whether the secrets and variables that the workflows read are set. */
export const settings: Check = {
  name: 'secrets and variables',
  look: onGithub(async (at) => {
    const delivery = environmentOf(at.platform, at.env).delivery.kind;
    const wanted = githubSettings(at.platform).filter(
      ({ name, env }) =>
        (env === undefined || env === at.env) && !(name === 'REPO_ACCESS_TOKEN' && delivery === 'config-repository'),
    );
    const have = new Map([
      ['', await namesIn(at, '/actions')],
      [at.env, await namesIn(at, `/environments/${at.env}`).catch(noEnvironment)],
    ]);
    const missing = wanted.filter(
      ({ name, env = '' }) => !have.get(env)?.includes(name) && !have.get('')?.includes(name),
    );
    return missing.length === 0
      ? ok(`${wanted.length} set`)
      : wrong(
          `missing on GitHub: ${missing.map(({ name, env }) => (env ? `${name} (${env})` : name)).join(', ')}`,
          missing
            .map(({ kind, name, env }) => `gh ${kind} set ${name}${env ? ` --env ${env}` : ''} --repo ${pathOf(at)}`)
            .join('; '),
        );
  }),
};

/** Whether settings are left that no workflow reads any more. */
export const deprecated: Check = {
  name: 'deprecated settings',
  look: onGithub(async (at) => {
    const found: string[] = [];
    for (const repository of repositoriesOf(at.platform)) {
      for (const kind of ['secrets', 'variables'] as const) {
        const { data } = await at.github<Listed>(`GET /repos/{owner}/{repo}/actions/${kind}`, {
          ...repository,
          per_page: 100,
        });
        const names = (data[kind] ?? []).map(({ name }) => name).filter((name) => name in DEPRECATED);
        found.push(
          ...names.map(
            (name) => `gh ${kind.slice(0, -1)} delete ${name} --repo ${repository.owner}/${repository.repo}`,
          ),
        );
      }
    }
    if (found.length === 0) return ok('none');
    const names = [...new Set(found.map((line) => line.split(' ')[3] ?? ''))];
    return wrong(
      `no longer used: ${names.map((name) => `${name} (${DEPRECATED[name]})`).join(', ')}`,
      found.join('; '),
    );
  }),
};

async function namesIn(at: Surroundings, place: string): Promise<string[]> {
  const read = async (kind: 'secrets' | 'variables') => {
    const { data } = await at.github<Listed>(`GET /repos/{owner}/{repo}${place}/${kind}`, { per_page: 100 });
    return (data[kind] ?? []).map(({ name }) => name);
  };
  return [...(await read('secrets')), ...(await read('variables'))];
}

function noEnvironment(error: unknown): string[] {
  if ((error as { status?: number }).status === 404) return [];
  throw error;
}
