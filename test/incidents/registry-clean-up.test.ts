import { KEPT_TAG_PREFIXES } from '../../platforms/schema/registry';
import { Scene } from '../delivery/ship/scene';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
let scene: Scene;
afterEach(() => scene?.close());

test('registry clean-up deleting the tag that a rollback needs: every rollout protects what runs and what ran before', async () => {
  const tags = ['main-aaaaaaa', 'main-bbbbbbb', 'main-ccccccc'] as const;
  const image = 'ghcr.io/techtorque-2025/time-logging';
  const place = { platform: 'techtorque', env: 'prod', service: 'time-logging', image };
  scene = await Scene.open({ ...place, tag: tags[0], approved: tags }, folder);
  for (const tag of tags.slice(1)) scene.push(tag);
  const kept = () => Promise.all(KEPT_TAG_PREFIXES.map((prefix) => scene.digestOf(`${prefix}prod`)));
  for (const [index, tag] of tags.entries()) {
    if (index === 0) continue;
    await scene.ship(tag);
    expect(await kept()).toEqual([await scene.digestOf(tag), await scene.digestOf(tags[index - 1] ?? '')]);
  }
  await scene.rollBack();
  expect(new Set(await kept())).toEqual(new Set([await scene.digestOf(tags[1])]));
});
