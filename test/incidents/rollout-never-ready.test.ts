import { Scene } from '../delivery/ship/scene';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
let scene: Scene;
afterEach(() => scene?.close());

test('rollout that never becomes ready: it fails at its deadline with the reason, and what ran before runs again', async () => {
  const [good, bad] = ['main-aaaaaaa', 'main-bbbbbbb'];
  const image = 'ghcr.io/techtorque-2025/time-logging';
  const place = { platform: 'techtorque', env: 'prod', service: 'time-logging', image };
  scene = await Scene.open({ ...place, tag: good, broken: [bad], approved: [bad] }, folder);
  Object.assign(scene.cluster.objects, {
    pods: {
      items: [{ metadata: { name: 'web-1' }, status: { containerStatuses: [{ name: 'web', state: CRASHING }] } }],
    },
  });
  scene.push(bad);
  await expect(scene.ship(bad)).rejects.toThrow(/after 600 s\n {2}pod web-1: CrashLoopBackOff: back-off/);
  expect(await scene.file()).toContain(`newTag: ${good}`);
});

const CRASHING = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } };
