import threads from '../../../platforms/threads/platform';
import { DeliveryGround } from '../../helpers/delivery';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(400_000);

const IMAGE = 'us-east1-docker.pkg.dev/web-service-design/threads/nextjs';
const folder = temporaryFolder();
let ground: DeliveryGround;

beforeAll(async () => {
  ground = await DeliveryGround.open('threads', 'staging', folder);
});
afterAll(() => ground?.close());

test('where Image Updater delivers, an image is pushed and its commit is followed; nobody else writes a tag', async () => {
  const source = await ground.checkOut(threads.repository.url, threads.repository.branch);
  const tag = await ground.push(source, { Dockerfile: 'FROM scratch\n' });
  const shipped = await ground.ours('ship', 'nextjs', '--source', source, '--json');
  expect(shipped).toMatchObject({ code: 0 });
  const { steps, ...result } = JSON.parse(shipped.stdout) as { steps: { name: string }[] };
  expect(result).toMatchObject({ tag, outcome: 'rolled out' });
  expect(steps.map(({ name }) => name)).toEqual([
    'gate',
    'build',
    'registry',
    'Image Updater',
    'rollout',
    'registry tags',
  ]);
  expect(await ground.ours('ship', 'nextjs', '--tag', '8caff6f')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Image Updater chooses the tags of staging; to hold 8caff6f: npm run rollback'),
  });
  const back = await ground.ours('rollback', 'nextjs', '--json');
  expect(back).toMatchObject({ code: 0 });
  expect(JSON.parse(back.stdout)).toMatchObject({ from: tag, to: '8caff6f', outcome: 'rolled out' });
  const words = [
    'get',
    'deployment/nextjs',
    '-n',
    'threads',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  ];
  expect(await ground.kubectl(...words)).toBe(`${IMAGE}:8caff6f`);
});
