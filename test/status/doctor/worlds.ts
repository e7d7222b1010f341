import { loadPlatform } from '../../../platforms/load';
import { githubSettings } from '../../../platforms/schema/github-settings';
import type { Surroundings } from '../../../status/doctor/surroundings';

/** The moment of every world. */
export const NOW = new Date('2026-11-22T12:00:00Z');

/** One environment of each platform. */
export const ENVIRONMENTS = [
  ['threads', 'prod'],
  ['todo-platform', 'prod'],
  ['real-estate', 'prod'],
  ['techtorque', 'dev'],
] as const;

/** Answers of GitHub, of Google and of the cluster that differ from those of a healthy world. */
export interface Answers {
  /** By route, without the verb and the repository: `/keys`. An Error is thrown. */
  readonly github?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** By what the address contains. */
  readonly google?: Readonly<Record<string, unknown>>;
  /** By the kind of the objects. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly programs?: Readonly<Record<string, string | undefined>>;
  readonly files?: Readonly<Record<string, string>>;
}

const PROGRAMS: Readonly<Record<string, string>> = {
  node: 'v20.20.0',
  git: 'git version 2.43.0',
  terraform: 'Terraform v1.11.4\non linux_amd64',
  kubectl: 'Client Version: v1.31.0',
  gcloud: 'Google Cloud SDK 502.0.0',
};

const ALL_PERMISSIONS = [
  'compute.instances.get',
  'iap.tunnelInstances.accessViaIAP',
  'compute.instances.osAdminLogin',
  'secretmanager.versions.add',
  'compute.disks.createSnapshot',
];

const BUCKET = {
  versioning: { enabled: true },
  iamConfiguration: { publicAccessPrevention: 'enforced', uniformBucketLevelAccess: { enabled: true } },
};

export const READY_POD = {
  metadata: { name: 'nextjs-1', ownerReferences: [{ kind: 'ReplicaSet', name: 'nextjs' }] },
  spec: { containers: [{ name: 'nextjs', image: 'r/nextjs:8caff6f' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
};

const CLUSTER: Readonly<Record<string, unknown>> = {
  application: { spec: { syncPolicy: { automated: {} } }, status: { sync: { status: 'Synced' } } },
  pods: { items: [READY_POD] },
  replicasets: { items: [{ metadata: { name: 'nextjs', ownerReferences: [{ kind: 'Deployment', name: 'nextjs' }] } }] },
  persistentvolumeclaims: { items: [{ metadata: { name: 'data' }, status: { phase: 'Bound' } }] },
  deployments: { items: [{ metadata: { name: 'arc-controller' }, status: { availableReplicas: 1 } }] },
};

/** A world in which nothing is wrong, or only what is told. */
export function world(
  name: string,
  env: string,
  { github = {}, headers = {}, google = {}, cluster = {}, programs = {}, files = {} }: Answers = {},
  parts: Partial<Surroundings> = {},
): Surroundings {
  const platform = loadPlatform(name, { restoreFile: 'absent.json' });
  const settings = githubSettings(platform);
  const listed = (kind: 'secret' | 'variable', of: string | undefined) =>
    settings.filter((one) => one.kind === kind && one.env === of).map((one) => ({ name: one.name }));
  const onGithub: Readonly<Record<string, unknown>> = {
    '': { permissions: { push: true } },
    '/rules/branches/{branch}': [{ type: 'pull_request', ruleset_id: 1 }],
    '/rulesets/{ruleset_id}': {
      name: 'protect',
      bypass_actors: [{ actor_type: 'DeployKey' }, { actor_type: 'Integration' }],
    },
    '/keys': [{ title: 'deploy', read_only: false }],
    '/branches/{branch}': {},
    '/environments/plan': { protection_rules: [{ type: 'required_reviewers' }] },
    '/actions/secrets': { secrets: listed('secret', undefined) },
    '/actions/variables': { variables: listed('variable', undefined) },
    [`/environments/${env}/secrets`]: { secrets: listed('secret', env) },
    [`/environments/${env}/variables`]: { variables: listed('variable', env) },
    ...github,
  };
  const onGoogle: Readonly<Record<string, unknown>> = {
    ...google,
    batchGet: google['batchGet'] ?? { services: [{ name: 'p/compute.googleapis.com', state: 'ENABLED' }] },
    ':testIamPermissions': google[':testIamPermissions'] ?? { permissions: ALL_PERMISSIONS },
    '/iam/testPermissions': google['/iam/testPermissions'] ?? {
      kind: 'storage#testIamPermissionsResponse',
      permissions: ['create', 'delete', 'get', 'list'].map((verb) => `storage.objects.${verb}`),
    },
    '/storage/v1/b/': google['/storage/v1/b/'] ?? BUCKET,
  };
  const onCluster = { ...CLUSTER, ...cluster };
  const answer = <T>(value: unknown, what: string): T => {
    if (value instanceof Error) throw value;
    if (value === undefined) throw new Error(`nobody answers ${what}`);
    return value as T;
  };
  return {
    platform,
    env,
    now: NOW,
    variables: { GITHUB_TOKEN: 'token', SLACK_BOT_TOKEN: 'token', REPO_ACCESS_TOKEN: 'token' },
    services: ['compute.googleapis.com'],
    run: async (program, args) => {
      if (args[0] === 'auth') return { code: 0, stdout: programs['account'] ?? 'jane@example.com\n', stderr: '' };
      const printed = program in programs ? programs[program] : PROGRAMS[program];
      if (printed === undefined) throw new Error(`${program} is not installed, or not on PATH`);
      return { code: 0, stdout: printed, stderr: '' };
    },
    read: (path) => files[path] ?? (path.startsWith('~') ? 'users: []' : undefined),
    freeBytes: () => 50e9,
    google: async <T>(url: string) =>
      answer<T>(Object.entries(onGoogle).find(([part]) => url.includes(part))?.[1], url),
    signIn: async () => undefined,
    github: async <T>(route: string) => {
      const path = route.replace('GET /repos/{owner}/{repo}', '');
      return { data: answer<T>(onGithub[path], route), headers };
    },
    reach: async () => ({ status: 404, date: NOW.toUTCString() }),
    cluster: async <T>(_: string, kind = '') =>
      answer<T>(Object.entries(onCluster).find(([key]) => kind.startsWith(key))?.[1], kind),
    images: async () => [],
    hasLogin: async () => true,
    lock: async () => undefined,
    slack: async () => ({ scopes: ['chat:write'], channels: [{ name: 'builds', isMember: true }] }),
    ...parts,
  };
}
