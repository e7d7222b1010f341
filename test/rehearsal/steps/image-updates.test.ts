import { loadPlatform } from '../../../platforms/load';
import type { Rehearsal } from '../../../rehearsal/rehearsal';
import { imageUpdates } from '../../../rehearsal/steps/image-updates';

const IMAGE = 'us-east1-docker.pkg.dev/web-service-design/threads/nextjs';
const [pushed, pinned] = imageUpdates(loadPlatform('threads'), 'staging');

/** A cluster in which Image Updater delivers the newest image, unless the tag is pinned. */
function world({ seconds = 90, delivers = true, pins = true } = {}) {
  let running = `${IMAGE}:8caff6f`;
  let allowed = /./;
  const report: { imageUpdaterSeconds?: number } = {};
  const rehearsal = {
    report,
    mark: () => {},
    since: () => seconds,
    application: () => ({ assertSynced: async () => ({ pods: [{ images: [running] }] }) }),
    ground: {
      settled: async () => {},
      pushImage: (reference: string) => {
        if (delivers && allowed.test(reference.split(':')[1] ?? '')) running = reference;
      },
      commit: async (_: string, edit: (text: string) => string) => {
        const tag = /regexp:([^"]+)"/.exec(edit('allowTags: "regexp:^[0-9a-f]{7}$"'))?.[1] ?? '';
        if (pins) allowed = new RegExp(tag);
      },
    },
  };
  return rehearsal as unknown as Rehearsal;
}

test('a rehearsal reports the time from push to pod', async () => {
  const rehearsal = world();
  await pushed?.run(rehearsal);
  await pinned?.run(rehearsal);
  expect(rehearsal.report.imageUpdaterSeconds).toBe(90);
});

test.each([
  ['the image is not delivered', { delivers: false }, `no pod runs ${IMAGE}:c0ffee1; they run ${IMAGE}:8caff6f`],
  ['the image is delivered too late', { seconds: 121 }, `${IMAGE}:c0ffee1 took 121 s; at most 120`],
])('a rehearsal fails if %s', async (_, broken, message) => {
  await expect(pushed?.run(world(broken))).rejects.toThrow(message);
});

test('a rehearsal fails if a pin does not hold', async () => {
  const rehearsal = world({ pins: false });
  await pushed?.run(rehearsal);
  await expect(pinned?.run(rehearsal)).rejects.toThrow(`no pod runs ${IMAGE}:c0ffee1; they run ${IMAGE}:c0ffee2`);
});
