import { googleProvider } from '../../google/provider';
import { Ground } from '../protocol/ground';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([googleProvider()]);
});
afterEach(() => ground.close());

const hcl = (disk: { size?: number; type?: string; zone?: string; image?: string }) => `
provider "google" {
  project = "p"
}
resource "google_compute_disk" "d" {
  name = "d"
${Object.entries({ size: 50, type: 'pd-balanced', zone: 'us-east1-b', image: 'debian-cloud/debian-12', ...disk })
  .map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`)
  .join('\n')}
}
`;

/** What a plan does to the disk after a change, as terraform counts it. */
async function planned(change: Parameters<typeof hcl>[0]): Promise<string> {
  await ground.passes('init');
  await ground.apply(hcl({}));
  ground.write(hcl(change));
  return /Plan: .*/.exec((await ground.passes('plan')).stdout)?.[0] ?? 'no changes';
}

// resource_compute_disk.go of google 6.50.0: ForceNewIfChange("size", IsDiskShrinkage), and ForceNew of the others.
test.each([
  [{ size: 51 }, 'Plan: 0 to add, 1 to change, 0 to destroy.'],
  [{ size: 49 }, 'Plan: 1 to add, 0 to change, 1 to destroy.'],
  [{ type: 'pd-ssd' }, 'Plan: 1 to add, 0 to change, 1 to destroy.'],
  [{ zone: 'us-east1-c' }, 'Plan: 1 to add, 0 to change, 1 to destroy.'],
  [{ image: 'debian-cloud/debian-13' }, 'Plan: 1 to add, 0 to change, 1 to destroy.'],
])('a disk of 50 GB with %j: %s', async (change, plan) => {
  expect(await planned(change)).toBe(plan);
});

test('a disk that shrinks loses what was on it', async () => {
  const { data } = ground.world;
  await planned({ size: 49 });
  const [key = ''] = Object.keys(data.disks);
  data.disks[key] = { cluster: { volumes: { v: { file: 'text' } } } as never };
  await ground.passes('apply', '-auto-approve');
  expect(data.disks).toEqual({ [key]: {} });
});
