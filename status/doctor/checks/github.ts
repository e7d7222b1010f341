import type { Platform } from '../../../platforms/schema/define-platform';
import { environmentOf } from '../../../platforms/schema/define-platform';
import { repositoryOf } from '../../../platforms/schema/environment';
import { githubSettings } from '../../../platforms/schema/github-settings';
import { type Check, type Family, type Outcome, ok, unchecked, wrong } from '../check';
import type { Surroundings } from '../surroundings';

/** Settings that earlier workflows used, and what is used now. */
const DEPRECATED: Readonly<Record<string, string>> = {
  ARGOCD_LOCK: 'the lock is a ref in Git',
  ARGOCD_TOKEN: 'rollouts are read through the Kubernetes API',
  GCP_SA_KEY: 'workflows authenticate with Workload Identity Federation',
  GH_ACCESS_TOKEN: 'CONFIG_DEPLOY_KEY pushes tags',
  KUBE_CONFIG_DATA: 'Argo CD applies, so that no workflow needs a kubeconfig',
};

/**
 * Rules of a branch that refuse a push of tags.
 * See https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
 */
const REFUSING = ['pull_request', 'required_status_checks', 'update', 'required_signatures', 'required_deployments'];

interface Rule {
  readonly type: string;
  readonly ruleset_id: number;
}

interface Ruleset {
  readonly name: string;
  /** Shown to those who may change it. */
  readonly bypass_actors?: readonly { readonly actor_type: string }[];
}

interface Listed {
  readonly secrets?: readonly { readonly name: string }[];
  readonly variables?: readonly { readonly name: string }[];
}

const branchRules: Check = {
  name: 'branch rules',
  look: onGithub(async (at) => {
    const pusher = pusherOf(at);
    if (!pusher) return unchecked('nothing pushes tags or locks in this environment');
    const { branch } = repositoryOf(at.platform, at.env);
    const { data: rules } = await at.github<readonly Rule[]>('GET /repos/{owner}/{repo}/rules/branches/{branch}', {
      branch,
    });
    const refusing = rules.filter(({ type }) => REFUSING.includes(type));
    const passed: string[] = [];
    for (const id of new Set(refusing.map(({ ruleset_id }) => ruleset_id))) {
      const { data } = await at.github<Ruleset>('GET /repos/{owner}/{repo}/rulesets/{ruleset_id}', { ruleset_id: id });
      const types = refusing.filter(({ ruleset_id }) => ruleset_id === id).map(({ type }) => type);
      if (data.bypass_actors === undefined)
        return unchecked(`only an administrator sees who may bypass ruleset "${data.name}" (${types.join(', ')})`);
      if (!data.bypass_actors.some(({ actor_type }) => actor_type === pusher.actor))
        return wrong(
          `ruleset "${data.name}" (${types.join(', ')}) refuses pushes of tags to ${branch} by ${pusher.who}`,
          `add ${pusher.bypass} to the bypass list of "${data.name}": ${urlOf(at)}/settings/rules`,
        );
      passed.push(data.name);
    }
    return ok(passed.length === 0 ? 'none refuses pushes' : `${pusher.who} bypasses ${passed.join(', ')}`);
  }),
};

const deployKey: Check = {
  name: 'push access',
  look: onGithub(async (at) => {
    if (pusherOf(at)?.actor !== 'DeployKey') return unchecked('no deploy key pushes in this environment');
    const { data: keys } = await at.github<readonly { read_only: boolean; title: string }[]>(
      'GET /repos/{owner}/{repo}/keys',
    );
    const writing = keys.filter((key) => !key.read_only);
    return writing.length > 0
      ? ok(`deploy key "${writing[0]?.title}"`)
      : wrong(
          'no deploy key may push: the token of a workflow cannot pass branch rules',
          `add a key with write access, and set CONFIG_DEPLOY_KEY to its private half: ${urlOf(at)}/settings/keys`,
        );
  }),
};

const accessToken: Check = {
  name: 'access to the config repository',
  look: onGithub(async (at) => {
    if (environmentOf(at.platform, at.env).delivery.kind !== 'config-repository')
      return unchecked('services are in the repository of the platform');
    const token = at.variables['REPO_ACCESS_TOKEN'];
    if (!token) return unchecked('REPO_ACCESS_TOKEN is not set here');
    const { data } = await at.github<{ permissions?: { push?: boolean } }>('GET /repos/{owner}/{repo}', {}, token);
    return data.permissions?.push
      ? ok('REPO_ACCESS_TOKEN may push')
      : wrong(
          `REPO_ACCESS_TOKEN may not push to ${urlOf(at)}`,
          'give the token contents: write on it (classic tokens: scope repo): https://github.com/settings/tokens',
        );
  }),
};

const branch: Check = {
  name: 'branch',
  look: onGithub(async (at) => {
    const { branch: name } = repositoryOf(at.platform, at.env);
    try {
      await at.github('GET /repos/{owner}/{repo}/branches/{branch}', { branch: name });
      return ok(name);
    } catch (error) {
      if ((error as { status?: number }).status !== 404) throw error;
      return wrong(
        `${urlOf(at)} has no branch ${name}, which environment ${at.env} is delivered from`,
        `git push ${urlOf(at)}.git HEAD:${name}`,
      );
    }
  }),
};

const settings: Check = {
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

const deprecated: Check = {
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

/** The repositories on GitHub: who may push, and which settings they have. */
export const github: Family = {
  family: 'GitHub',
  checks: [branchRules, deployKey, accessToken, branch, settings, deprecated],
};

/** A check that is made only where GitHub hosts the platform's repository. */
function onGithub(look: (at: Surroundings) => Promise<Outcome>): Check['look'] {
  return (at) => {
    if (repositoriesOf(at.platform).length === 0) return unchecked('the repository is not on GitHub');
    if (!at.variables['GITHUB_TOKEN']) return unchecked('GITHUB_TOKEN is not set');
    return look(at);
  };
}

/** Who pushes tags and locks, as rulesets call it. */
function pusherOf({ platform, env }: Surroundings) {
  const { delivery } = environmentOf(platform, env);
  if (delivery.kind === 'ci-commit')
    return { actor: 'DeployKey', who: 'the deploy key', bypass: 'deploy keys' } as const;
  if (delivery.kind === 'config-repository')
    return { actor: 'Integration', who: 'the GitHub App of REPO_ACCESS_TOKEN', bypass: 'the GitHub App' } as const;
  return undefined;
}

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

/** The repositories on GitHub of a platform and of its services. */
function repositoriesOf({ repository, services }: Platform): { owner: string; repo: string }[] {
  const urls = new Set([repository.url, ...Object.values(services).flatMap(({ source }) => source ?? [])]);
  return [...urls].flatMap((url) => {
    const [, owner, repo] = /^https:\/\/github\.com\/([^/]+)\/([^/]+?)(?:\.git)?$/.exec(url) ?? [];
    return owner && repo ? [{ owner, repo }] : [];
  });
}

function pathOf(at: Surroundings): string {
  return new URL(urlOf(at)).pathname.slice(1);
}

function urlOf({ platform, env }: Surroundings): string {
  return repositoryOf(platform, env).url.replace(/\.git$/, '');
}
