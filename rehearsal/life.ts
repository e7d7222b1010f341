import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import type { Step } from './rehearsal';
import { bringUp, EVERY_PLAN_IS_EMPTY } from './steps/bring-up';
import { diskRestore } from './steps/disk-restore';
import { imageUpdates } from './steps/image-updates';
import { layerRebuild } from './steps/layer-rebuild';
import { pushApply } from './steps/push-apply';

/**
 * The steps of the whole life of an environment: it comes up, is rebuilt layer by layer while it serves and, where its cluster
 * is a VM that the platform creates, loses its machine and comes back from a snapshot. Where CI applies, there are no layers.
 *
 * The two recoveries differ: a layer rebuild loses no data; a disk restore brings back the data of the snapshot.
 */
export function life(platform: Platform, env: string): Step[] {
  if (environmentOf(platform, env).delivery.kind === 'push-apply') return pushApply(platform, env);
  return [
    ...bringUp(platform, env),
    ...imageUpdates(platform, env),
    ...layerRebuild(platform, env),
    ...diskRestore(platform, env),
    EVERY_PLAN_IS_EMPTY,
  ];
}
