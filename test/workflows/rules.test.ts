import { loadWorkflows, type WorkflowFile, withText } from './loaded';
import { GENERATED, RULES } from './rules';

const files = loadWorkflows();
for (const { path } of files) GENERATED.add(path);
const names = Object.keys(RULES);

const problemsOf = (file: WorkflowFile) =>
  names.flatMap((name) => RULES[name]?.(file).map((problem) => `${name}: ${problem}`) ?? []);
const fileOf = (path: string) => files.find((file) => file.path === path) ?? raise(`no ${path}`);

test.each(files.map(({ path }) => path))('%s holds every rule', (path) => {
  expect(problemsOf(fileOf(path))).toEqual([]);
});

const SHIP = '.github/workflows/ship.yml';
const BUILD = '.github/workflows/build-image.yml';
const NEXTJS = '.github/workflows/nextjs.yml';
const CHECK = '.github/workflows/check.yml';
const COMMENT = '.github/workflows/plan-comment.yml';
const PLAN = '.github/workflows/plan.yml';
const DRIFT = '.github/workflows/drift.yml';
const APPLY = 'platforms/real-estate/workflows/push-apply.yml';
const DEPLOY = 'platforms/real-estate/workflows/deploy.yml';
const CLUSTER = 'platforms/real-estate/workflows/hetzner-cluster.yml';
const UPDATE = 'platforms/techtorque/workflows/update-manifest.yml';
const DELIVER = 'platforms/techtorque/workflows/admin/.github/workflows/deliver.yml';
const TODO = 'platforms/todo-platform/workflows/ship.yml';

/** Broken copies: which rule refuses it, the file, what is replaced by what, and what the rule says. */
const BROKEN: readonly (readonly [rule: string, file: string, from: string | RegExp, to: string, says: string])[] = [
  [
    'no expression is part of a script, and no untrusted text is read',
    COMMENT,
    'persist-credentials: false',
    'persist-credentials: false\n          ref: ${{ github.event.workflow_run.head_sha }}',
    'workflow_run runs with secrets on what anybody has written',
  ],
  [
    'no expression is part of a script, and no untrusted text is read',
    COMMENT,
    'github.event.workflow_run.head_sha',
    'github.event.workflow_run.head_branch',
    'which anybody can choose',
  ],
  [
    'every permission is named, and used',
    COMMENT,
    'pull-requests: write',
    'pull-requests: write\n      id-token: write',
    'job comment has actions: read, contents: read, id-token: write, pull-requests: write',
  ],
  [
    'actions are pinned by digest, with their version',
    SHIP,
    /checkout@[0-9a-f]{40}/,
    'checkout@v7',
    'is not pinned to',
  ],
  [
    'no expression is part of a script, and no untrusted text is read',
    PLAN,
    'head.repo.id',
    'head.ref',
    'which anybody can choose',
  ],
  [
    'every permission is named, and used',
    PLAN,
    'id-token: write',
    'id-token: write\n      pull-requests: write',
    'job prod has contents: read, id-token: write, pull-requests: write; it needs contents: read, id-token: write',
  ],
  [
    'code of a pull request runs on runners of GitHub, deployments where the platform says',
    PLAN,
    'runs-on: ubuntu-24.04',
    'runs-on: self-hosted',
    'job prod runs on self-hosted',
  ],
  [
    'a deployment waits for the one before it, and is never cancelled',
    PLAN,
    'group: plan-prod-',
    'group: plan-',
    'job prod has no group for its environment',
  ],
  [
    'every permission is named, and used',
    DRIFT,
    / {6}issues: write\n/,
    '',
    'job prod has contents: read, id-token: write; it needs contents: read, id-token: write, issues: write',
  ],
  ['times of cron are times', DRIFT, '17 6 * * *', '17 6 * *', 'is no time of a day'],
  ['actions are pinned by digest, with their version', SHIP, ' # v7.0.1', '', 'has no comment v7.0.1'],
  [
    'actions are pinned by digest, with their version',
    SHIP,
    /actions\/setup-node@/,
    'evil/setup-node@',
    'is not in workflows/actions.ts',
  ],
  ['every permission is named, and used', SHIP, 'permissions: {}\n', '', 'all jobs have the permission all'],
  [
    'every permission is named, and used',
    SHIP,
    'contents: read',
    'contents: write',
    'job gate has contents: write; it needs contents: read',
  ],
  [
    'every permission is named, and used',
    APPLY,
    /(apply:[\s\S]*?contents: read)/,
    '$1\n      id-token: write',
    'job apply has contents: read, id-token: write',
  ],
  [
    'every permission is named, and used',
    NEXTJS,
    / {6}id-token: write\n/,
    '',
    'job build has contents: read; it needs contents: read, id-token: write',
  ],
  [
    'a checkout leaves no credential',
    BUILD,
    'persist-credentials: false',
    'persist-credentials: true',
    'keeps the credential',
  ],
  [
    'a checkout leaves no credential',
    BUILD,
    / {8}with:\n {10}persist-credentials: false\n/,
    '',
    'keeps the credential',
  ],
  [
    'a deployment waits for the one before it, and is never cancelled',
    SHIP,
    'cancel-in-progress: false',
    'cancel-in-progress: true',
    'job ship can be cancelled while it runs',
  ],
  [
    'a deployment waits for the one before it, and is never cancelled',
    SHIP,
    'group: ship-${{ inputs.environment }}',
    'group: ship',
    'job ship has no group for its environment',
  ],
  [
    'a deployment waits for the one before it, and is never cancelled',
    UPDATE,
    / {4}concurrency:\n.*\n.*\n/,
    '',
    'job update has no group',
  ],
  [
    'Google is asked by Workload Identity, without a key',
    BUILD,
    /workload_identity_provider: .*/,
    'credentials_json: ${{ secrets.GCP_SA_KEY }}',
    'uses a key of a service account',
  ],
  [
    'no expression is part of a script, and no untrusted text is read',
    SHIP,
    '"$SERVICE"',
    '${{ inputs.service }}',
    'has an expression in it',
  ],
  [
    'no expression is part of a script, and no untrusted text is read',
    SHIP,
    'SERVICE: ${{ inputs.service }}',
    'SERVICE: ${{ github.event.head_commit.message }}',
    'github.event.head_commit',
  ],
  [
    'no expression is part of a script, and no untrusted text is read',
    SHIP,
    'SERVICE: ${{ inputs.service }}',
    'SERVICE: ${{ github.head_ref }}',
    'github.head_ref',
  ],
  [
    'no expression is part of a script, and no untrusted text is read',
    CHECK,
    '  pull_request:',
    '  pull_request_target:',
    'pull_request_target runs with secrets',
  ],
  ['a step is one call of a command', CHECK, 'run: npm ci', 'run: npm ci && npm audit', 'is more than a call'],
  [
    'a step is one call of a command',
    CHECK,
    'run: npm ci',
    'run: |\n          npm ci\n          npm audit',
    'is more than a call',
  ],
  ['a step is one call of a command', SHIP, '"$SERVICE"', '$SERVICE', 'is more than a call'],
  ['every command exists, with its options', BUILD, '--build-only', '--build-onyl', "unknown option '--build-onyl'"],
  ['every command exists, with its options', SHIP, 'silent tunnel', 'silent tunel', 'no script "tunel"'],
  [
    'every command exists, with its options',
    SHIP,
    '--service "$SERVICE" ',
    '',
    "required option '--service <name>' not specified",
  ],
  ['every variable of a command is set', BUILD, / {10}SERVICE: .*\n/, '', 'SERVICE is not set'],
  ['every variable of a command is set', SHIP, / {10}TAG: .*\n/, '', 'TAG is not set'],
  [
    'every workflow that is called exists, with its inputs, secrets and outputs',
    NEXTJS,
    'workflows/ship.yml',
    'workflows/shipp.yml',
    'is no workflow of the platform',
  ],
  [
    'every workflow that is called exists, with its inputs, secrets and outputs',
    NEXTJS,
    '      service: nextjs\n',
    '',
    'needs input service',
  ],
  [
    'every workflow that is called exists, with its inputs, secrets and outputs',
    NEXTJS,
    '      service: nextjs\n',
    '      service: nextjs\n      sevice: x\n',
    'has no input sevice',
  ],
  [
    'every workflow that is called exists, with its inputs, secrets and outputs',
    DELIVER,
    /secrets:\n {6}REPO_ACCESS_TOKEN.*\n/,
    '',
    'needs secret REPO_ACCESS_TOKEN',
  ],
  [
    'every workflow that is called exists, with its inputs, secrets and outputs',
    DELIVER,
    '@main',
    '@dev',
    'is no workflow of the platform',
  ],
  [
    'every path exists',
    NEXTJS,
    '- .github/workflows/nextjs.yml',
    '- .github/workflows/next.yml',
    '.github/workflows/next.yml is no workflow',
  ],
  ['every path exists', DEPLOY, 'k8s/real-estate/**', 'infra/k8s/**', 'neither a build context nor a folder'],
  [
    'every secret and variable is in the settings of the platform',
    SHIP,
    /secrets\.CONFIG_DEPLOY_KEY/,
    'secrets.CONFIG_DEPLOY_KAY',
    'secret CONFIG_DEPLOY_KAY is not in the settings of threads',
  ],
  [
    'every secret and variable is in the settings of the platform',
    BUILD,
    'vars.GCP_BUILD_SERVICE_ACCOUNT',
    'vars.GCP_SERVICE_ACCOUNT',
    'variable GCP_SERVICE_ACCOUNT is not',
  ],
  [
    'every secret and variable is in the settings of the platform',
    APPLY,
    / {4}environment: \$.*\n/,
    '',
    'names no GitHub environment that has it',
  ],
  [
    'everything that an expression reads exists',
    SHIP,
    'TAG: ${{ inputs.tag }}',
    'TAG: ${{ inputs.tga }}',
    'there is no inputs.tga',
  ],
  [
    'everything that an expression reads exists',
    SHIP,
    'needs.gate.outputs.verdict',
    'needs.gate.outputs.decision',
    'needs.gate.outputs.decision, which does not exist',
  ],
  [
    'everything that an expression reads exists',
    SHIP,
    'needs:\n      - gate',
    'needs:\n      - gaet',
    'needs gaet, which does not exist',
  ],
  [
    'everything that an expression reads exists',
    BUILD,
    'steps.build.outputs.tag',
    'steps.build.outputs.version',
    'which no step before sets',
  ],
  [
    'everything that an expression reads exists',
    SHIP,
    'id: google',
    'id: gogle',
    'steps.google.outputs.access_token, which no step before sets',
  ],
  [
    'everything that an expression reads exists',
    SHIP,
    'jobs.ship.outputs.told',
    'jobs.shop.outputs.told',
    'there is no jobs.shop.outputs.told',
  ],
  [
    'everything that an expression reads exists',
    NEXTJS,
    'needs.build.outputs.tag',
    'needs.build.outputs.teg',
    'needs.build.outputs.teg, which does not exist',
  ],
  ['every job ends', SHIP, / {4}timeout-minutes: 60\n/, '', 'job ship may run for 360 minutes'],
  ['a commit of a tag starts no build', NEXTJS, '      - "!k8s/**"\n', '', 'starts it'],
  [
    'a private cluster is reached through a tunnel',
    SHIP,
    'npm run --silent tunnel -- "$ENVIRONMENT" -- ',
    '',
    'does not reach the VM',
  ],
  [
    'code of a pull request runs on runners of GitHub, deployments where the platform says',
    CHECK,
    'runs-on: ubuntu-24.04',
    'runs-on: self-hosted',
    'job check runs on self-hosted',
  ],
  [
    'code of a pull request runs on runners of GitHub, deployments where the platform says',
    TODO,
    'runs-on: self-hosted',
    'runs-on: ubuntu-24.04',
    'job ship runs on ubuntu-24.04',
  ],
  ['times of cron are times', CHECK, /cron: .*/, 'cron: 61 4 * * 1', 'cron "61 4 * * 1" is no time of a day'],
  [
    'a deployment waits for the one before it, and is never cancelled',
    CLUSTER,
    'group: cluster-${{ inputs.environment }}',
    'group: cluster',
    'job cluster has no group for its environment',
  ],
  [
    'every command exists, with its options',
    CLUSTER,
    ' --confirm "$CONFIRM"',
    ' --confirmed "$CONFIRM"',
    "unknown option '--confirmed'",
  ],
  [
    'everything that an expression reads exists',
    CLUSTER,
    'steps.create.outcome',
    'steps.created.outcome',
    'which no step before sets',
  ],
];

test.each(BROKEN)('%s: refuses a broken copy of %s: %s -> %s', (rule, path, from, to, says) => {
  const file = fileOf(path);
  const text = file.text.replace(from, to);
  expect(text).not.toBe(file.text);
  expect(RULES[rule]?.(withText(file, text))).toEqual(expect.arrayContaining([expect.stringContaining(says)]));
});

test('every rule has refused something', () => {
  const refused = new Set(BROKEN.map(([rule]) => rule));
  expect(names.filter((name) => !refused.has(name))).toEqual([]);
});

function raise(message: string): never {
  throw new Error(message);
}
