import type { Step } from './rehearsal';
import { bringUp, EVERY_PLAN_IS_EMPTY } from './steps/bring-up';
import { diskRestore } from './steps/disk-restore';
import { imageUpdates } from './steps/image-updates';
import { layerRebuild } from './steps/layer-rebuild';
import { pushApply } from './steps/push-apply';
import type { Subject } from './subject';

/**
 * The steps of a platform's whole life: it comes up, is rebuilt layer by layer while it serves and, where its cluster is a VM
 * that the platform creates, loses its machine and comes back from a snapshot. Where CI applies, there are no layers.
 *
 * The two recoveries are different. A layer rebuild loses no data; a disk restore brings back what the snapshot held.
 */
export function life(subject: Pick<Subject, 'layers' | 'vm' | 'imageUpdater' | 'pushed'>): Step[] {
  if (subject.pushed) return pushApply(subject.pushed);
  return [
    ...bringUp(subject),
    ...(subject.imageUpdater ? imageUpdates(subject.imageUpdater) : []),
    ...layerRebuild(subject),
    ...diskRestore(subject),
    EVERY_PLAN_IS_EMPTY,
  ];
}
