import { readFileSync } from 'node:fs';
import { configPath } from '../../../delivery/cluster/config';
import type { Surroundings } from '../../../status/doctor/surroundings';
import { type Answers, type ENVIRONMENTS, READY_POD } from './worlds';

const hetzner = configPath('real-estate', 'prod');
/** The file of a healthy cluster of real-estate. */
export const HETZNER = { [hetzner]: readFileSync(hetzner, 'utf8') };

const notFound = Object.assign(new Error('Not Found'), { status: 404 });
const pod = (change: object) => ({ pods: { items: [{ ...READY_POD, ...change }] } });
const application = (status: object, spec: object = { syncPolicy: { automated: {} } }) => ({
  application: { spec, status: { sync: { status: 'Synced' }, ...status } },
});
const bucket = (change: object) => ({
  '/storage/v1/b/': {
    versioning: { enabled: true },
    iamConfiguration: { publicAccessPrevention: 'enforced', uniformBucketLevelAccess: { enabled: true } },
    ...change,
  },
});
const image = (state: 'missing' | 'wrong platform') => ({
  name: 'nextjs',
  reference: 'r/nextjs:8caff6f',
  state,
  platforms: ['linux/arm64'],
});
const held = { state: 'held', owner: 'nextjs', run: '42.1', at: '2026-11-22T11:30:00Z' } as never;

interface Trouble extends Answers {
  /** @default - threads prod */
  readonly in?: (typeof ENVIRONMENTS)[number];
  readonly parts?: Partial<Surroundings>;
}

/** For each check, a world in which it fails, what it says, and what to do. */
export const TROUBLES: readonly (readonly [check: string, trouble: Trouble, says: string, fix: string])[] = [
  [
    'node',
    { programs: { node: 'v18.20.0' } },
    'node 18.20.0 is older than 20.19: package.json requires it',
    'install node 20.19 or later: https://nodejs.org/en/download',
  ],
  [
    'git',
    { programs: { git: 'git version 2.30.9' } },
    'git 2.30.9 is older than 2.31: it reads its configuration from the environment since then',
    'install git 2.31 or later: https://git-scm.com/downloads',
  ],
  [
    'terraform',
    { programs: { terraform: undefined } },
    'terraform is not installed, or not on PATH',
    'install terraform 1.7 or later: https://developer.hashicorp.com/terraform/install',
  ],
  [
    'kubectl',
    { programs: { kubectl: 'Client Version: v1.26.3' } },
    'kubectl 1.26.3 is older than 1.27: its kustomize builds the overlays',
    'install kubectl 1.27 or later: https://kubernetes.io/docs/tasks/tools/',
  ],
  [
    'gcloud',
    { programs: { gcloud: undefined } },
    'gcloud is not installed, or not on PATH',
    'install gcloud 400 or later: https://cloud.google.com/sdk/docs/install',
  ],
  [
    'Google credentials',
    { parts: { signIn: () => Promise.reject(new Error('the credentials for Google Cloud have expired; log in')) } },
    'the credentials for Google Cloud have expired',
    'gcloud auth application-default login',
  ],
  ['gcloud account', { programs: { account: '\n' } }, 'gcloud has no active account', 'gcloud auth login'],
  [
    'GitHub token',
    { headers: { 'github-authentication-token-expiration': '2026-11-25 12:00:00 UTC' } },
    'the token in GITHUB_TOKEN expires on 2026-11-25, in 3 days',
    'make a new one: https://github.com/settings/tokens',
  ],
  [
    'kubeconfig',
    { parts: { read: () => undefined } },
    '~/.kube/strata/threads-prod.yaml does not exist',
    'npm run kubeconfig -- prod --platform threads',
  ],
  [
    'clock',
    { parts: { reach: async () => ({ status: 404, date: 'Sun, 22 Nov 2026 11:55:00 GMT' }) } },
    'the clock of this machine is 300 s fast',
    'synchronise it: sudo timedatectl set-ntp true',
  ],
  ...(
    [
      ['Identity-Aware Proxy', 'tunnel.cloudproxy.app', 'the tunnel needs it'],
      ['registry', 'us-east1-docker.pkg.dev', 'images need it'],
      ['GitHub', 'api.github.com', 'comments, issues and deliveries need it'],
    ] as const
  ).map(
    ([check, host, needs]) =>
      [
        check,
        { parts: { reach: () => Promise.reject(new Error('connect ETIMEDOUT')) } },
        `${host} does not answer: connect ETIMEDOUT`,
        `let this machine reach ${host} on port 443, or set HTTPS_PROXY; ${needs}`,
      ] as const,
  ),
  [
    'services',
    { google: { batchGet: { services: [{ name: 'p/iap.googleapis.com', state: 'DISABLED' }] } } },
    'not enabled in project web-service-design: iap.googleapis.com',
    'gcloud services enable --project web-service-design iap.googleapis.com',
  ],
  [
    'permissions',
    { google: { ':testIamPermissions': { permissions: ['compute.instances.get', 'secretmanager.versions.add'] } } },
    'you lack iap.tunnelInstances.accessViaIAP, compute.instances.osAdminLogin, compute.disks.createSnapshot in project web-service-design',
    'ask an owner of the project for roles/iap.tunnelResourceAccessor, roles/compute.osAdminLogin, roles/compute.storageAdmin',
  ],
  [
    'bucket versions',
    { google: bucket({ versioning: undefined }) },
    'bucket web-service-design-strata-state keeps no versions: a broken state could not be restored',
    'gcloud storage buckets update gs://web-service-design-strata-state --versioning',
  ],
  [
    'bucket access',
    { google: bucket({ iamConfiguration: { publicAccessPrevention: 'inherited' } }) },
    'bucket web-service-design-strata-state can be made public, and states hold secrets',
    'gcloud storage buckets update gs://web-service-design-strata-state --public-access-prevention --uniform-bucket-level-access',
  ],
  [
    'bucket retention',
    { google: bucket({ retentionPolicy: { retentionPeriod: '86400' } }) },
    'bucket web-service-design-strata-state has a retention policy, which forbids terraform to release its lock',
    'gcloud storage buckets update gs://web-service-design-strata-state --clear-retention-period',
  ],
  [
    'bucket permissions',
    {
      google: {
        '/iam/testPermissions': {
          kind: 'storage#testIamPermissionsResponse',
          permissions: ['storage.objects.get', 'storage.objects.list'],
        },
      },
    },
    'you lack storage.objects.create, storage.objects.delete on bucket web-service-design-strata-state',
    'ask an owner of the project for roles/storage.objectUser on the bucket',
  ],
  [
    'branch rules',
    { github: { '/rulesets/{ruleset_id}': { name: 'protect', bypass_actors: [{ actor_type: 'Team' }] } } },
    'ruleset "protect" (pull_request) refuses pushes of tags to master by the deploy key',
    'add deploy keys to the bypass list of "protect": https://github.com/unknowntpo/threads-nextjs/settings/rules',
  ],
  [
    'push access',
    { github: { '/keys': [{ title: 'argocd', read_only: true }] } },
    'no deploy key may push: the token of a workflow cannot pass branch rules',
    'add a key with write access, and set CONFIG_DEPLOY_KEY to its private half: https://github.com/unknowntpo/threads-nextjs/settings/keys',
  ],
  [
    'access to the config repository',
    { in: ['techtorque', 'dev'], github: { '': { permissions: { pull: true } } } },
    'REPO_ACCESS_TOKEN may not push to https://github.com/TechTorque-2025/k8s-config',
    'give the token contents: write on it (classic tokens: scope repo): https://github.com/settings/tokens',
  ],
  [
    'branch',
    { in: ['techtorque', 'dev'], github: { '/branches/{branch}': notFound } },
    'https://github.com/TechTorque-2025/k8s-config has no branch dev, which environment dev is delivered from',
    'git push https://github.com/TechTorque-2025/k8s-config.git HEAD:dev',
  ],
  [
    'approval of plans',
    { github: { '/environments/plan': notFound } },
    'nobody has to approve the plan of a pull request, which runs its code with credentials',
    'add required reviewers to environment plan: https://github.com/unknowntpo/threads-nextjs/settings/environments',
  ],
  [
    'secrets and variables',
    {
      github: {
        '/actions/secrets': { secrets: [{ name: 'SLACK_BOT_TOKEN' }] },
        '/environments/prod/variables': notFound,
      },
    },
    'missing on GitHub: CONFIG_DEPLOY_KEY, GCP_APPLY_SERVICE_ACCOUNT (prod), GCP_DEPLOY_SERVICE_ACCOUNT (prod)',
    'gh secret set CONFIG_DEPLOY_KEY --repo unknowntpo/threads-nextjs; gh variable set GCP_APPLY_SERVICE_ACCOUNT --env prod --repo unknowntpo/threads-nextjs; gh variable set GCP_DEPLOY_SERVICE_ACCOUNT --env prod --repo unknowntpo/threads-nextjs',
  ],
  [
    'deprecated settings',
    { github: { '/actions/secrets': { secrets: [{ name: 'GCP_SA_KEY' }, { name: 'KUBE_CONFIG_DATA' }] } } },
    'no longer used: GCP_SA_KEY (workflows authenticate with Workload Identity Federation), KUBE_CONFIG_DATA (Argo CD applies, so that no workflow needs a kubeconfig)',
    'gh secret delete GCP_SA_KEY --repo unknowntpo/threads-nextjs; gh secret delete KUBE_CONFIG_DATA --repo unknowntpo/threads-nextjs',
  ],
  [
    'images in the registry',
    { parts: { images: async () => [image('missing')] } },
    'the registry lacks r/nextjs:8caff6f',
    'npm run images -- push nextjs --platform threads',
  ],
  [
    'architecture of images',
    { parts: { images: async () => [image('wrong platform')] } },
    'the nodes are linux/amd64, but r/nextjs:8caff6f is for linux/arm64',
    'add linux/amd64 to architectures in platforms/threads/platform.ts, and push again',
  ],
  [
    'registry login',
    { parts: { hasLogin: async () => false } },
    'docker has no credentials for us-east1-docker.pkg.dev: a push is refused',
    'gcloud auth configure-docker us-east1-docker.pkg.dev',
  ],
  [
    'registry limits',
    {
      parts: {
        images: () =>
          Promise.reject(new Error('registry docker.io refused GET a/b/manifests/1: 429 Too Many Requests; wait')),
      },
    },
    'registry docker.io refused GET a/b/manifests/1: 429 Too Many Requests',
    'wait an hour, or log in: registries limit anonymous requests more',
  ],
  [
    'disk space',
    { parts: { freeBytes: () => 1.2e9 } },
    '1.2 GB free: building an image needs 5 GB',
    'docker system prune',
  ],
  [
    'path change',
    {
      cluster: application({
        conditions: [
          { type: 'SyncError', message: 'Skipping sync attempt to abc: auto-sync will wipe out all resources' },
        ],
      }),
    },
    'application threads is not synced: Skipping sync attempt to abc: auto-sync will wipe out all resources',
    'docs/runbooks/wanted-path-change.md; do not turn pruning off',
  ],
  [
    'application errors',
    {
      cluster: application({
        conditions: [{ type: 'ComparisonError', message: 'kustomize build failed:\n no such file' }],
      }),
    },
    'application threads: ComparisonError: kustomize build failed: no such file',
    'correct it in Git; then kubectl annotate application threads --namespace argocd argocd.argoproj.io/refresh=hard --overwrite',
  ],
  [
    'auto-sync',
    { cluster: application({}, {}) },
    'application threads does not sync by itself',
    'npm run apply -- --platform threads --env prod --layer 02-argocd-app',
  ],
  [
    'sync',
    { cluster: application({ sync: { status: 'OutOfSync' } }) },
    'application threads is OutOfSync',
    'let Argo CD read Git now: kubectl annotate application threads --namespace argocd argocd.argoproj.io/refresh=hard --overwrite',
  ],
  [
    'pods',
    {
      cluster: pod({
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False', message: 'containers with unready status: [nextjs]' }],
        },
      }),
    },
    'nextjs-1 is not ready: containers with unready status: [nextjs]',
    'kubectl describe pod nextjs-1 --namespace threads; kubectl logs nextjs-1 --namespace threads; npm run rollback if the version is bad',
  ],
  [
    'image pulls',
    {
      cluster: pod({
        status: {
          phase: 'Pending',
          containerStatuses: [
            { image: 'r/nextjs:8caff6f', state: { waiting: { reason: 'ImagePullBackOff', message: '403 Forbidden' } } },
          ],
        },
      }),
    },
    'nextjs-1 cannot pull r/nextjs:8caff6f: 403 Forbidden',
    'npm run verify -- --platform threads --env prod compares the tag with Git; then delete the pod: the node gets a new token for each pull',
  ],
  [
    'image tags',
    {
      cluster: pod({
        spec: { containers: [{ name: 'nextjs', image: 'r/nextjs:latest', imagePullPolicy: 'IfNotPresent' }] },
      }),
    },
    'nextjs-1 runs r/nextjs:latest with pull policy IfNotPresent: a newer image is not pulled',
    'name the image by its commit in images: of the overlay',
  ],
  [
    'duplicate pods',
    { cluster: { replicasets: { items: [{ metadata: { name: 'nextjs' } }] } } },
    'no workload owns nextjs-1',
    'delete them, and Argo CD keeps those that Git describes: kubectl delete pod nextjs-1 --namespace threads',
  ],
  [
    'volumes',
    {
      cluster: {
        persistentvolumeclaims: {
          items: [
            { metadata: { name: 'postgres' }, spec: { storageClassName: 'local-path' }, status: { phase: 'Pending' } },
          ],
        },
        storageclasses: { items: [{ metadata: { name: 'standard' } }] },
      },
    },
    'claim postgres is Pending: the cluster has no storage class "local-path"; it has standard',
    'npm run apply -- --platform threads --env prod --layer 01-k8s, which installs it, or name one that exists in storageClass',
  ],
  [
    'deployment lock',
    { parts: { lock: async () => held } },
    'held by nextjs (run 42.1), who has not moved it for 30 minutes',
    'npm run lock -- break --platform threads --env prod (docs/runbooks/stuck-lock.md)',
  ],
  [
    'runners',
    { in: ['todo-platform', 'prod'], cluster: { deployments: { items: [{ metadata: { name: 'arc-controller' } }] } } },
    'arc-controller in arc-systems has no available pod: queued jobs are not picked up',
    'kubectl logs deployment/arc-controller --namespace arc-systems; kubectl get pods --namespace arc-runners',
  ],
  [
    'Slack',
    { parts: { slack: async () => ({ scopes: ['chat:write'], channels: [{ name: 'random', isMember: true }] }) } },
    'the bot is not a member of #builds',
    'in #builds: /invite @BOT',
  ],
  [
    'outbound firewall',
    {
      in: ['real-estate', 'prod'],
      files: { [hetzner]: (HETZNER[hetzner] ?? '').replace(/^( *protocol: )udp$/m, '$1icmp') },
    },
    `${hetzner}: once there is an outbound rule, Hetzner denies all other traffic, and nodes cannot pull images`,
    'allow all outbound udp to 0.0.0.0/0',
  ],
  [
    'secret writer',
    { in: ['real-estate', 'prod'], github: { '/actions/secrets': { secrets: [] } } },
    'INFRA_DEPLOY_TOKEN is missing: the token of a workflow may neither write the secret KUBECONFIG nor start a workflow',
    'make a token with secrets: write and actions: write (classic tokens: scope repo), then gh secret set INFRA_DEPLOY_TOKEN',
  ],
];
