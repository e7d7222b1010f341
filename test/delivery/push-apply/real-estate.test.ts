import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inHome } from '../../../clients/kubeconfig';
import realEstate from '../../../platforms/real-estate/platform';
import { kubeconfigOf } from '../../../platforms/schema/environment';
import { DeliveryGround } from '../../helpers/delivery';
import { ROOT } from '../../helpers/sandbox-command';
import { temporaryFolder } from '../../helpers/synth';
import { failures, outcomes, runWorkflow } from '../../workflows/runner/world';

jest.setTimeout(300_000);

const folder = temporaryFolder();
const WORKFLOWS = 'platforms/real-estate/workflows';
const SECRETS = realEstate.secrets.map((name) => name.replaceAll('-', '_').toUpperCase());
const values = Object.fromEntries(SECRETS.map((name) => [name, `the-value-of-${name}`]));
let ground: DeliveryGround;

beforeAll(async () => {
  ground = await DeliveryGround.open('real-estate', 'prod', folder, ROOT);
});
afterAll(() => ground?.close());

const ship = (...args: string[]) => ground.ours('ship', 'postgres', ...args);
const lease = async () =>
  JSON.parse(await ground.kubectl('get', 'lease', 'strata-real-estate-prod', '-n', 'default', '-o', 'json')) as {
    metadata: { annotations: Record<string, string> };
    spec: { holderIdentity: string };
  };

test('prod is applied with an open gate and the Lease, and verified; no password is printed', async () => {
  const asked = await ship();
  expect(asked).toMatchObject({ code: 3, stderr: expect.stringContaining('no approval for postgres') });
  const first = /--tag ([0-9a-f]{40})/.exec(asked.stderr)?.[1] ?? '';
  expect(await ground.ours('gate', 'approve', '--service', 'postgres', '--tag', first)).toMatchObject({ code: 0 });
  const bare = await ship();
  expect(bare).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(
      'set a value for ACCOUNT_SERVICE_DB_USER_PASSWORD, ALERTMANAGER_SLACK_TOKEN, MESSAGING',
    ),
  });

  ground.variables = values;
  const planned = await ship('--dry-run');
  expect(planned).toMatchObject({ code: 0, stderr: expect.stringContaining('would apply Cluster postgres') });
  const shipped = await ship('--json');
  expect(shipped).toMatchObject({ code: 0 });
  const { steps, ...result } = JSON.parse(shipped.stdout) as { steps: { name: string }[] };
  expect(result).toMatchObject({ service: 'postgres', env: 'prod', commit: first, outcome: 'rolled out' });
  expect(steps.map(({ name }) => name)).toEqual(['gate', 'build', 'lease', 'apply', 'rollout', 'verify']);
  expect(await lease()).toMatchObject({
    metadata: { annotations: { 'strata.dev/deployed-commit': first } },
    spec: { holderIdentity: '' },
  });
  for (const { stdout, stderr } of [bare, planned, shipped]) expect(stdout + stderr).not.toContain('the-value-of');
  expect(await ground.kubectl('get', 'secret', 'postgres-sa', '-n', 'default', '-o', 'jsonpath={.data.password}')).toBe(
    Buffer.from(values['POSTGRES_SA_PASSWORD'] ?? '').toString('base64'),
  );

  const again = await ship();
  expect(again).toMatchObject({ code: 0 });
});

test('an earlier commit is applied again, and what holds it is said', async () => {
  const { annotations } = (await lease()).metadata;
  const commit = annotations['strata.dev/deployed-commit'] ?? '';
  const back = await ground.ours('rollback', 'postgres', '--to', commit.slice(0, 12), '--json');
  expect(back).toMatchObject({ code: 0, stderr: expect.stringContaining('the next deployment replaces it') });
  expect(JSON.parse(back.stdout)).toMatchObject({ to: commit.slice(0, 7), outcome: 'rolled out' });
  expect(await ground.ours('rollback', 'postgres', '--argocd', '1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('environment "prod" has no Argo CD'),
  });
});

test('the workflow applies what a push concerns where the gate allows it, and what a person starts', async () => {
  const source = await ground.checkOut(realEstate.repository.url, 'main');
  const before = await ground.git(source, 'rev-parse', 'HEAD');
  const file = 'k8s/real-estate/base/kustomization.yaml';
  await ground.push(source, { [file]: `${readFileSync(join(source, file), 'utf8')}# changed\n` });
  const sha = await ground.git(source, 'rev-parse', 'HEAD');
  const kubeconfig = readFileSync(inHome(kubeconfigOf(realEstate, 'prod').path, ground.sandbox.env), 'utf8');
  const world = {
    sandbox: ground.sandbox,
    platform: realEstate,
    workflows: WORKFLOWS,
    folder,
    values: { ...values, KUBECONFIG: kubeconfig },
  };
  const event = { repository: 'real-estate-platform/infra', branch: 'main', sha, before };
  const deploy = (name: 'push' | 'workflow_dispatch', ...mistake: Parameters<typeof runWorkflow>[3][]) =>
    runWorkflow(
      world,
      `${WORKFLOWS}/deploy.yml`,
      { ...event, name, inputs: name === 'push' ? {} : { environment: 'prod' } },
      ...mistake,
    );

  const pushed = await deploy('push');
  expect(failures(pushed)).toBe('');
  expect(outcomes(pushed)).toEqual([
    'changes: success',
    'prod: success',
    'prod / gate: success',
    'prod / apply: skipped',
    'test: skipped',
  ]);

  await ground.ours('gate', 'approve', '--service', 'postgres', '--tag', sha);
  const broken = await deploy('workflow_dispatch', ['push-apply.yml', 'CLUSTER_KUBECONFIG:', 'CLUSTER_KUBECONFGI:']);
  expect(outcomes(broken)).toContain('prod / apply / Write the kubeconfig of the cluster: failure');
  expect(failures(broken)).toContain('CLUSTER_KUBECONFIG is not set');

  const applied = await deploy('workflow_dispatch');
  expect(failures(applied)).toBe('');
  expect(outcomes(applied)).toEqual([
    'changes: skipped',
    'prod: success',
    'prod / gate: skipped',
    'prod / apply: success',
    'test: skipped',
  ]);
  expect((await lease()).metadata.annotations['strata.dev/deployed-commit']).toBe(sha);
});

test('the workflow of clusters creates one, stores its kubeconfig, applies the environment, checks and deletes it', async () => {
  const source = join(folder, 'source');
  const sha = await ground.git(source, 'rev-parse', 'HEAD');
  const world = { ...{ sandbox: ground.sandbox, platform: realEstate, folder, values }, workflows: WORKFLOWS };
  const event = { repository: 'real-estate-platform/infra', branch: 'main', sha };
  const cluster = (inputs: Record<string, string>, ...mistake: Parameters<typeof runWorkflow>[3][]) => {
    const name = inputs['action'] ? 'workflow_dispatch' : 'push';
    return runWorkflow(world, `${WORKFLOWS}/cluster.yml`, { ...event, name, inputs }, ...mistake);
  };
  const byHand = (action: string, confirm = '') => ({ action, confirm, environment: 'prod' });
  const ofProd = (lines: readonly string[]) => lines.filter((line) => /^(apply-)?prod/.test(line));
  const nodes = () => ground.kubectl('get', 'nodes', '--output', 'name').then((text) => text.trim().split('\n').length);
  expect(await nodes()).toBe(1);

  expect(ofProd(outcomes(await cluster({})))).toEqual([
    'prod: success',
    'prod / gate: success',
    'prod / cluster: skipped',
    'apply-prod: skipped',
  ]);

  const broken = await cluster(byHand('create'), ['hetzner-cluster.yml', 'INFRA_DEPLOY_TOKEN: $', 'INFRA_TOKEN: $']);
  expect(ofProd(outcomes(broken))).toEqual([
    'prod: success',
    'prod / gate: skipped',
    'prod / cluster: success',
    'apply-prod: failure',
    'apply-prod / gate: skipped',
    'apply-prod / apply: failure',
    'apply-prod / apply / Write the kubeconfig of the cluster: failure',
  ]);

  const created = await cluster(byHand('create'));
  expect(failures(created)).toBe('');
  expect(ofProd(outcomes(created))).toEqual([
    'prod: success',
    'prod / gate: skipped',
    'prod / cluster: success',
    'apply-prod: success',
    'apply-prod / gate: skipped',
    'apply-prod / apply: success',
  ]);
  expect(await nodes()).toBe(6);
  expect((await lease()).metadata.annotations['strata.dev/deployed-commit']).toBe(sha);

  const checked = await cluster(byHand('check'));
  expect(failures(checked)).toBe('');
  expect(ofProd(outcomes(checked)).at(-1)).toBe('apply-prod: skipped');

  expect(failures(await cluster(byHand('delete', 'hetzner-test-cluster')))).toContain(
    'add --confirm hetzner-prod-cluster',
  );
  expect(failures(await cluster(byHand('delete', 'hetzner-prod-cluster')))).toBe('');
  expect(await nodes()).toBe(1);
});
