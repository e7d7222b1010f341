import { temporaryFolder } from '../../helpers/synth';
import { Scene } from './scene';

const [GOOD, BAD] = ['main-aaaaaaa', 'main-bbbbbbb'];
const folder = temporaryFolder();
let scene: Scene;
afterEach(() => scene?.close());

async function shipBroken(rollbackOnFailure: boolean) {
  scene = await Scene.open(
    {
      platform: 'techtorque',
      env: 'prod',
      service: 'time-logging',
      image: 'ghcr.io/techtorque-2025/time-logging',
      tag: GOOD,
      broken: [BAD],
      approved: [BAD],
      control: (text) => text.replaceAll(/rollback_on_failure: \w+/g, `rollback_on_failure: ${rollbackOnFailure}`),
    },
    folder,
  );
  scene.push(BAD);
  return scene.ship(BAD);
}

test('a rollout that never becomes ready is taken back to the tag before it, pinned, and still is a failure', async () => {
  await expect(shipBroken(true)).rejects.toThrow(
    'rollout failed: deployment/web: 0 of 1 pods are ready after 600 s\n' +
      `time-logging is back at ${GOOD} and pinned there; once it is fixed: npm run tag -- unpin --env prod --service time-logging`,
  );
  expect(scene.steps()).toEqual([
    'gate ok',
    'registry ok',
    'tag ok',
    'rollout failed',
    'roll back ok',
    'registry tags ok',
    'rollout ok',
  ]);
  expect(await scene.file()).toContain(`newTag: ${GOOD}`);
  expect(await scene.file('pins.yaml')).toContain(`the rollout of ${BAD} failed`);
  expect(await scene.digestOf('pinned-prod')).toBe(await scene.digestOf(GOOD));
  expect(scene.messages().at(-1)).toContain(`\`${BAD}\`: deployment to prod failed after 10 min`);
});

test('where deploy-control.yaml does not ask for it, the tag stays as it was written', async () => {
  await expect(shipBroken(false)).rejects.toThrow('rollout failed: deployment/web: 0 of 1 pods are ready after 600 s');
  expect(scene.steps().at(-1)).toBe('rollout failed');
  expect(await scene.file()).toContain(`newTag: ${BAD}`);
});
