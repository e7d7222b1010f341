import { temporaryFolder } from '../../helpers/synth';
import { Scene } from './scene';

const [FIRST, SECOND, THIRD] = ['main-aaaaaaa', 'main-bbbbbbb', 'main-ccccccc'];
const folder = temporaryFolder();
let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open(
    {
      platform: 'techtorque',
      env: 'prod',
      service: 'time-logging',
      image: 'ghcr.io/techtorque-2025/time-logging',
      tag: FIRST,
      approved: [SECOND],
    },
    folder,
  );
  for (const tag of [SECOND, THIRD]) scene.push(tag);
});
afterEach(() => scene.close());

const subjects = () => scene.messages().map((text) => text.split('\n')[0]?.replace(/ after .*/, ''));

test('a deployment and its rollback are told, with the tags that each is between', async () => {
  await scene.ship(SECOND);
  await scene.rollBack();
  expect(subjects()).toEqual([
    `*time-logging* \`${SECOND}\`: deployment to prod started`,
    `*time-logging* \`${SECOND}\`: deployment to prod succeeded`,
    `*time-logging* \`${SECOND} -&gt; ${FIRST}\`: rollback in prod started`,
    `*time-logging* \`${SECOND} -&gt; ${FIRST}\`: rollback in prod succeeded`,
  ]);
});

test('a refusal of the gate is told once, with its reason, though nothing has started', async () => {
  await expect(scene.ship(THIRD)).rejects.toThrow('no approval');
  expect(subjects()).toEqual([`*time-logging* \`${THIRD}\`: deployment to prod refused`]);
  expect(scene.messages()[0]).toContain('no approval for time-logging main-ccccccc');
});

test('a rollback to an image that the registry lacks is told as refused', async () => {
  await expect(scene.rollBack('main-ddddddd')).rejects.toThrow('is not in the registry');
  expect(subjects()).toEqual(['*time-logging* `main-ddddddd`: rollback in prod refused']);
});

test('what fails before anything starts concerns nobody else', async () => {
  await expect(scene.rollBack()).rejects.toThrow(`time-logging had no tag before ${FIRST}`);
  expect(scene.messages()).toEqual([]);
});

test('a Slack that is gone fails neither a deployment nor a rollback', async () => {
  await scene.loseSlack();
  expect(await scene.ship(SECOND)).toMatchObject({ outcome: 'rolled out' });
  expect(await scene.rollBack()).toMatchObject({ outcome: 'rolled out', to: FIRST });
  expect(scene.said.filter((line) => line.startsWith('warning: #builds was not notified: '))).toHaveLength(4);
});

test('registry tags follow what runs and what a rollback needs', async () => {
  const kept = async () => [await scene.digestOf('deployed-prod'), await scene.digestOf('pinned-prod')];
  const [first, second] = [await scene.digestOf(FIRST), await scene.digestOf(SECOND)];
  await scene.ship(SECOND);
  expect(await kept()).toEqual([second, first]);
  await scene.ship(SECOND);
  expect(await kept()).toEqual([second, first]);
  await scene.rollBack();
  expect(await kept()).toEqual([first, first]);
});
