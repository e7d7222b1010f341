import { pushImage } from '../../../sandbox/registry/oci';
import { DeliveryGround } from '../../helpers/delivery';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(400_000);

const IMAGE = 'docker.io/postgis/postgis';
const folder = temporaryFolder();
let ground: DeliveryGround;

beforeAll(async () => {
  ground = await DeliveryGround.open('real-estate', 'dev', folder);
  for (const tag of ['18-3.6', '18-3.7']) pushImage(ground.sandbox.world, `${IMAGE}:${tag}`, ['amd64']);
});
afterAll(() => ground?.close());

test('a published tag of PostgreSQL passes the gate of dev, and is rolled out by Argo CD', async () => {
  const shipped = await ground.ours('ship', 'postgres', '--tag', '18-3.7', '--json');
  expect(shipped).toMatchObject({ code: 0 });
  const { steps, ...result } = JSON.parse(shipped.stdout) as { steps: { name: string }[] };
  expect(result).toMatchObject({ service: 'postgres', env: 'dev', tag: '18-3.7', outcome: 'rolled out' });
  expect(steps.map(({ name }) => name)).toEqual(['gate', 'registry', 'tag', 'rollout']);
  const running = ['get', 'statefulset/postgres', '-n', 'real-estate-dev', '-o', 'jsonpath={..image}'];
  expect(await ground.kubectl(...running)).toContain(`${IMAGE}:18-3.7`);
});
