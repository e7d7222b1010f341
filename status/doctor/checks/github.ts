import { environmentOf } from '../../../platforms/schema/define-platform';
import { repositoryOf } from '../../../platforms/schema/environment';
import { type Check, type Family, ok, unchecked, wrong } from '../check';
import type { Surroundings } from '../surroundings';
import { deprecated, settings } from './github-settings';
import { onGithub, urlOf } from './on-github';

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

/** GitHub creates an environment that a workflow names, without any protection. */
const planApproval: Check = {
  name: 'approval of plans',
  look: onGithub(async (at) => {
    const hasVm = Object.values(at.platform.environments).some(({ cluster }) => cluster.kind === 'k0s-vm');
    if (!hasVm) return unchecked('pull requests of this platform are not planned');
    const route = 'GET /repos/{owner}/{repo}/environments/plan';
    const { data } = await at.github<{ protection_rules?: readonly { type: string }[] }>(route).catch(unprotected);
    return data.protection_rules?.some(({ type }) => type === 'required_reviewers')
      ? ok('by reviewers')
      : wrong(
          'nobody has to approve the plan of a pull request, which runs its code with credentials',
          `add required reviewers to environment plan: ${urlOf(at)}/settings/environments`,
        );
  }),
};

/** The repositories on GitHub: who may push, and which settings they have. */
export const github: Family = {
  family: 'GitHub',
  checks: [branchRules, deployKey, accessToken, branch, planApproval, settings, deprecated],
};

/** Who pushes tags and locks, as rulesets call it. */
function pusherOf({ platform, env }: Surroundings) {
  const { delivery } = environmentOf(platform, env);
  if (delivery.kind === 'ci-commit')
    return { actor: 'DeployKey', who: 'the deploy key', bypass: 'deploy keys' } as const;
  if (delivery.kind === 'config-repository')
    return { actor: 'Integration', who: 'the GitHub App of REPO_ACCESS_TOKEN', bypass: 'the GitHub App' } as const;
  return undefined;
}

function unprotected(error: unknown): { data: { protection_rules?: readonly { type: string }[] } } {
  if ((error as { status?: number }).status === 404) return { data: {} };
  throw error;
}
