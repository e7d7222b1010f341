import { readFileSync } from 'node:fs';
import { inHome } from '../../../clients/kubeconfig';
import { kubeconfigOf } from '../../../platforms/schema/environment';
import todo from '../../../platforms/todo-platform/platform';
import { DeliveryGround } from '../../helpers/delivery';
import { ROOT } from '../../helpers/sandbox-command';
import { temporaryFolder } from '../../helpers/synth';
import { failures, newDeployKey, outcomes, runWorkflow } from '../../workflows/runner/world';

jest.setTimeout(400_000);

const folder = temporaryFolder();
let ground: DeliveryGround;

beforeAll(async () => {
  ground = await DeliveryGround.open('todo-platform', 'prod', folder, ROOT);
});
afterAll(() => ground?.close());

test('two services that are shipped at once wait for each other, and both arrive', async () => {
  const source = await ground.checkOut(todo.repository.url, todo.repository.branch);
  const services = ['todo-api', 'homer'];
  const tag = await ground.push(
    source,
    Object.fromEntries(services.map((name) => [`services/${name}/Dockerfile`, 'FROM scratch\n'])),
  );
  for (const service of services) await ground.ours('gate', 'approve', '--service', service, '--tag', tag);
  const shipped = await Promise.all(services.map((name) => ground.ours('ship', name, '--source', source, '--json')));
  for (const { code, stdout } of shipped) {
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tag, outcome: 'rolled out' });
  }
  expect(shipped.map(({ stderr }) => stderr).join()).toMatch(
    /lock todo-platform-prod is held by (todo-api|homer) \(run /,
  );
  const images = await ground.kubectl('get', 'deployments', '-n', 'default', '-o', 'jsonpath={..image}');
  for (const service of services) expect(images).toContain(`docker.io/curiosinauts/scottseotech-${service}:${tag}`);
  const log = await ground
    .git(source, 'fetch', '--quiet')
    .then(() => ground.git(source, 'log', '-2', '--format=%an %s', 'origin/main'));
  expect(log.split('\n').sort()).toEqual(
    services
      .sort()
      .map((name) => `github-actions[bot] Update ${name} to version ${tag}`)
      .sort(),
  );
  expect(ground.messages().filter((text) => /deployment to prod succeeded/.test(text))).toHaveLength(2);
});

test('the image of the runners is built, tagged and delivered like a service', async () => {
  const source = await ground.checkOut(todo.repository.url, todo.repository.branch, 'runner');
  const tag = await ground.push(source, { 'images/runner/Dockerfile': 'FROM ghcr.io/actions/actions-runner\n' });
  await ground.ours('gate', 'approve', '--service', 'runner', '--tag', tag);
  const shipped = await ground.ours('ship', 'runner', '--source', source, '--json');
  expect(shipped).toMatchObject({ code: 0 });
  expect(JSON.parse(shipped.stdout)).toMatchObject({ service: 'runner', tag, outcome: 'rolled out' });
  const values = await ground.kubectl('get', 'application/self-hosted', '-n', 'argocd', '-o', 'yaml');
  expect(values).toContain(`docker.io/curiosinauts/scottseotech-runner:${tag}`);
  expect(ground.messages().at(-1)).toContain(`*runner* \`${tag}\`: deployment to prod succeeded`);
});

test('the workflow of a service ships it from a runner in the cluster', async () => {
  const source = await ground.checkOut(todo.repository.url, todo.repository.branch, 'workflow');
  const tag = await ground.push(source, { 'services/todo-bot/Dockerfile': 'FROM scratch\n' });
  const sha = await ground.git(source, 'rev-parse', 'HEAD');
  await ground.ours('gate', 'approve', '--service', 'todo-bot', '--tag', tag);
  const world = {
    sandbox: ground.sandbox,
    platform: todo,
    workflows: 'platforms/todo-platform/workflows',
    folder,
    values: { CONFIG_DEPLOY_KEY: newDeployKey(folder) },
    env: { CLUSTER_KUBECONFIG: readFileSync(inHome(kubeconfigOf(todo, 'prod').path, ground.sandbox.env), 'utf8') },
  };
  const inputs = { environment: 'prod', tag: '' };
  const event = {
    name: 'workflow_dispatch',
    repository: 'scottseotech/todo-platform',
    branch: 'main',
    sha,
    inputs,
  } as const;
  // The sandbox runs no pods, so nothing mounts the service account of one.
  const jobs = await runWorkflow(world, 'platforms/todo-platform/workflows/todo-bot.yml', event, [
    'ship.yml',
    '--from pod',
    '--from variable',
  ]);
  expect(failures(jobs)).toBe('');
  expect(outcomes(jobs)).toEqual([
    'build: success',
    'build / build: success',
    'prod: success',
    'prod / gate: skipped',
    'prod / ship: success',
    'notify: skipped',
  ]);
  const images = await ground.kubectl('get', 'deployments', '-n', 'default', '-o', 'jsonpath={..image}');
  expect(images).toContain(`docker.io/curiosinauts/scottseotech-todo-bot:${tag}`);
});
