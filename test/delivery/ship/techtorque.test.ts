import techtorque from '../../../platforms/techtorque/platform';
import { DeliveryGround } from '../../helpers/delivery';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(400_000);

const IMAGE = 'ghcr.io/techtorque-2025/time-logging';
const folder = temporaryFolder();
let dev: DeliveryGround;

beforeAll(async () => {
  dev = await DeliveryGround.open('techtorque', 'dev', folder);
});
afterAll(() => dev?.close());

const running = (ground: DeliveryGround, namespace: string) =>
  ground.kubectl(
    'get',
    'deployment/time-logging',
    '-n',
    namespace,
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  );

test('a pilot goes to dev, is merged, and goes to prod, across two repositories', async () => {
  const url = techtorque.services['time-logging']?.source ?? '';
  const source = await dev.checkOut(url, 'dev');
  const first = await dev.push(source, { Dockerfile: 'FROM scratch\n' });
  const ship = (ground: DeliveryGround, ...args: string[]) =>
    ground.ours('ship', 'time-logging', '--source', source, ...args);

  // The workflow of a service has no access to the cluster; whoever has follows the rollout.
  const written = await ship(dev, '--no-wait', '--trigger', 'push', '--json');
  expect(JSON.parse(written.stdout)).toMatchObject({ tag: `dev-${first}`, outcome: 'written' });
  const shipped = await ship(dev, '--json');
  expect(JSON.parse(shipped.stdout)).toMatchObject({ tag: `dev-${first}`, outcome: 'rolled out' });
  expect(await running(dev, 'dev')).toBe(`${IMAGE}:dev-${first}`);

  const prod = await dev.withEnvironment('prod');
  const wrong = await ship(prod);
  expect(wrong).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(
      'is on branch "dev"; environment "prod" runs images of branch "main"; merge it there first',
    ),
  });
  await dev.git(source, 'checkout', '--quiet', 'main');
  await dev.git(source, 'merge', '--quiet', '--no-edit', '--allow-unrelated-histories', 'dev');
  await dev.git(source, 'push', '--quiet');
  const merged = await dev.git(source, 'rev-parse', '--short=7', 'HEAD');
  const tag = `main-${merged}`;
  expect(await ship(prod)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`no approval for time-logging ${tag}`),
  });
  await prod.ours('gate', 'approve', '--service', 'time-logging', '--tag', tag);
  const promoted = await ship(prod, '--json');
  expect(promoted).toMatchObject({ code: 0, stderr: expect.not.stringContaining('FAILED') });
  expect(JSON.parse(promoted.stdout)).toMatchObject({ tag: `main-${merged}`, outcome: 'rolled out' });
  expect(await running(dev, 'default')).toBe(`${IMAGE}:main-${merged}`);
  expect(await running(dev, 'dev')).toBe(`${IMAGE}:dev-${first}`);
  const config = await dev.checkOut(techtorque.repository.url, 'main', 'config');
  expect(await dev.git(config, 'log', '-1', '--format=%an: %s')).toBe(
    `github-actions[bot]: chore(time-logging): update image to main-${merged}`,
  );
});
