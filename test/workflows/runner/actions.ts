import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedJob } from '../loaded';

/** What an action is run with. */
interface ActionCall {
  readonly inputs: Readonly<Record<string, string>>;
  readonly job: LoadedJob;
  readonly workspace: string;
  /** The environment of the job. */
  readonly env: NodeJS.ProcessEnv;
  readonly github: Readonly<Record<string, string>>;
}

/** What an action has done. */
interface ActionResult {
  readonly outputs?: Readonly<Record<string, string>>;
  /** Variables for later steps. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Simulates an action. @throws Error when the action would fail. */
export type StandIn = (call: ActionCall) => ActionResult;

/** What a Google client accepts in the sandbox, once a job has authenticated. */
export function standIns(googleToken: string): Readonly<Record<string, StandIn>> {
  return {
    'actions/checkout': checkOut,
    'actions/setup-node': ({ inputs }) => {
      const major = process.versions.node.split('.')[0];
      if (inputs['node-version'] !== major)
        throw new Error(`node-version is ${inputs['node-version']}, this is ${major}`);
      return {};
    },
    'hashicorp/setup-terraform': () => ({}),
    'docker/setup-buildx-action': () => ({}),
    'docker/login-action': ({ inputs, job, env }) => {
      const { registry = 'https://index.docker.io/v1/', username, password } = inputs;
      if (!username || !password) throw new Error('Username and password required');
      if (registry === 'ghcr.io') needs(job, 'packages', 'read');
      const folder = env['DOCKER_CONFIG'] ?? '';
      mkdirSync(folder, { recursive: true });
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry]: { auth } } }));
      return {};
    },
    'google-github-actions/auth': ({ inputs, job, workspace }) => {
      needs(job, 'id-token', 'write');
      for (const name of ['workload_identity_provider', 'service_account'])
        if (!inputs[name]) throw new Error(`the input ${name} is empty`);
      const outputs = { access_token: googleToken };
      if (inputs['create_credentials_file'] === 'false') return { outputs };
      // The action writes it into the workspace, where a build must not find it.
      writeFileSync(join(workspace, 'gha-creds-0123456789abcdef.json'), '{}');
      return { outputs, env: { GOOGLE_OAUTH_ACCESS_TOKEN: googleToken } };
    },
  };
}

/** Clones what the workflow would check out, and leaves no credential. */
function checkOut({ inputs, job, workspace, env, github }: ActionCall): ActionResult {
  if (inputs['repository'] ? !inputs['token'] : false) throw new Error('the token for another repository is empty');
  if (!inputs['repository']) needs(job, 'contents', 'read');
  const url = `https://github.com/${inputs['repository'] ?? github['repository']}.git`;
  const branch = inputs['ref'] ?? github['ref_name'] ?? '';
  // The commit that started the run, although the branch may have another by now.
  const commit = inputs['repository'] ? `refs/heads/${branch}` : (github['sha'] ?? '');
  const folder = join(workspace, inputs['path'] ?? '');
  const depth = inputs['fetch-depth'] === '0' ? [] : ['--depth=1'];
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { env, stdio: 'pipe', encoding: 'utf8' });
  mkdirSync(folder, { recursive: true });
  git('init', '--quiet');
  git('remote', 'add', 'origin', url);
  git('fetch', '--quiet', ...depth, 'origin', `+${commit}:refs/remotes/origin/${branch}`);
  git('checkout', '--quiet', '-B', branch, `refs/remotes/origin/${branch}`);
  return {};
}

function needs({ permissions = {} }: LoadedJob, name: string, level: 'read' | 'write'): void {
  const given = permissions[name];
  if (given !== 'write' && given !== level) throw new Error(`the token has no permission ${name}: ${level}`);
}

/** A program `gh` that keeps the secrets of GitHub environments in a folder, for whoever has a token that may write them. */
export function writeGh(folder: string, secrets: string, token: string): void {
  mkdirSync(folder, { recursive: true });
  const lines = [
    '#!/bin/sh -e',
    'if [ "$1 $2 $4" != "secret set --env" ]; then echo "gh $*: not simulated" >&2; exit 1; fi',
    `if [ "$GH_TOKEN" != '${token}' ]; then echo 'HTTP 403: Resource not accessible by integration' >&2; exit 1; fi`,
    `mkdir -p "${secrets}/$5"`,
    `cat >"${secrets}/$5/$3"`,
  ];
  writeFileSync(join(folder, 'gh'), `${lines.join('\n')}\n`, { mode: 0o755 });
}

/**
 * A program `npm` whose `npm ci` takes the packages of this checkout, since no registry is in reach, and what its modules were
 * compiled to, which takes longer than to run them.
 */
export function writeNpm(folder: string, checkout: string, realNpm: string): void {
  mkdirSync(folder, { recursive: true });
  const script = join(folder, 'npm');
  const lines = [
    '#!/bin/sh -e',
    `if [ "$*" != ci ]; then exec ${realNpm} "$@"; fi`,
    'test -f package-lock.json',
    `mkdir -p ${checkout}/.cache`,
    `ln -s ${checkout}/node_modules ${checkout}/.cache .`,
    // A link is no folder, which .gitignore names.
    "printf '/node_modules\\n/.cache\\n' >> .git/info/exclude",
  ];
  if (!existsSync(script)) writeFileSync(script, `${lines.join('\n')}\n`, { mode: 0o755 });
}
