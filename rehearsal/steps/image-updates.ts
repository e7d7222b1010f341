import { environmentOf, imageRepository, type Platform } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { isUpstream } from '../../platforms/schema/registry';
import type { Rehearsal, Step } from '../rehearsal';

/** Limit from push to pod, in seconds: Image Updater polls every minute, Argo CD every 30 s, and then the rollout starts. */
const LIMIT_SECONDS = 120;

/** Commits that are newer than any tag in Git. */
const [NEXT, PINNED_OUT] = ['c0ffee1', 'c0ffee2'];

/**
 * What happens to images of the first own service that are pushed where Image Updater delivers: the newest one runs, unless
 * another is pinned.
 */
export function imageUpdates(platform: Platform, env: string): Step[] {
  const own = Object.values(platform.services).find(({ image }) => !isUpstream(image));
  if (environmentOf(platform, env).delivery.kind !== 'image-updater' || !own) return [];
  const image = imageRepository(platform, own.image);
  const file = `${repositoryOf(platform, env).path}/image-updater/${platform.name}.imageupdater.yaml`;
  return [
    {
      name: 'a pushed image reaches its pod',
      run: async (r) => {
        r.mark('push');
        r.ground.pushImage(`${image}:${NEXT}`);
        await r.ground.settled();
        await assertRuns(r, `${image}:${NEXT}`);
        const seconds = r.since('push');
        if (seconds > LIMIT_SECONDS) throw new Error(`${image}:${NEXT} took ${seconds} s; at most ${LIMIT_SECONDS}`);
        r.report.imageUpdaterSeconds = seconds;
      },
    },
    {
      name: 'a pin prevents an update to a newer image',
      run: async (r) => {
        await r.ground.commit(file, (text) => text.replace(/(allowTags: )"[^"]*"/, `$1"regexp:^${NEXT}$"`));
        await r.ground.settled();
        r.ground.pushImage(`${image}:${PINNED_OUT}`);
        await r.ground.settled();
        await assertRuns(r, `${image}:${NEXT}`);
      },
    },
  ];
}

async function assertRuns(r: Rehearsal, reference: string): Promise<void> {
  const { pods } = await r.application().assertSynced();
  const images = pods.flatMap((pod) => pod.images);
  if (!images.includes(reference)) throw new Error(`no pod runs ${reference}; they run ${images.join(', ')}`);
}
