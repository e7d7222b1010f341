import { UsageError } from '../errors';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { columns } from '../terminal/columns';
import { byHand, PERSON_SECONDS } from './by-hand';
import type { Step } from './rehearsal';
import { type RehearsalReport, span } from './report';
import { bringUp, EVERY_PLAN_IS_EMPTY, WRITE_MARKER } from './steps/bring-up';
import { diskRestore } from './steps/disk-restore';
import { layerRebuild } from './steps/layer-rebuild';

/** The recoveries that a drill can practise. */
export const RECOVERIES = { 'layer-rebuild': layerRebuild, 'disk-restore': diskRestore } as const;

/** A recovery of a drill. */
export type Recovery = keyof typeof RECOVERIES;

/**
 * The steps of a drill: recovery alone.
 *
 * @param existing - true for an environment that is deployed; otherwise it is deployed first.
 * @throws {UsageError} if the environment has no such recovery.
 */
export function drill(platform: Platform, env: string, recoveries: readonly Recovery[], existing = false): Step[] {
  const { cluster, delivery } = environmentOf(platform, env);
  const steps = recoveries.map((one) => [one, RECOVERIES[one](platform, env)] as const);
  const without = steps.find(([, { length }]) => length === 0)?.[0];
  if (without || delivery.kind === 'push-apply')
    throw new UsageError(
      `environment "${env}" has no ${without ?? recoveries.join(' and ')}: its cluster is "${cluster.kind}", its delivery "${delivery.kind}"; rehearse it with npm run rehearse`,
    );
  const before = existing
    ? [renamed(EVERY_PLAN_IS_EMPTY, 'every plan is empty before'), WRITE_MARKER]
    : bringUp(platform, env);
  return [...before, ...steps.flatMap(([, one]) => one), EVERY_PLAN_IS_EMPTY];
}

/** The durations of a drill on real clouds, as `--compare` reads them. */
export function durationsOf({ steps }: RehearsalReport): { readonly steps: Readonly<Record<string, number>> } {
  const measured = steps.filter(({ simulatedSeconds }) => simulatedSeconds > 0);
  return { steps: Object.fromEntries(measured.map(({ name, simulatedSeconds }) => [name, simulatedSeconds])) };
}

/** Each recovery next to the same one by hand, and the critical path of a disk restore. */
export function drillText(report: RehearsalReport): string {
  const { layerRebuild, diskRestore } = report.recovery;
  const rows = (['layerRebuild', 'diskRestore'] as const).flatMap((which) => {
    const [found, hand] = [report.recovery[which], byHand(report, which)];
    if (!found || !hand) return [];
    const name = which === 'layerRebuild' ? 'layer rebuild' : 'disk restore';
    return [[name, span(found.rtoSeconds), `${span(hand.seconds)}, ${hand.commands} commands`, found.data]];
  });
  const path = diskRestore?.path ?? [];
  return [
    ...columns([['recovery', 'by Strata', 'by hand', 'data'], ...rows]),
    `by hand: the same operations of the cloud, and ${PERSON_SECONDS} s of a person for each command`,
    ...(layerRebuild
      ? ['the layer rebuild waits for each layer in turn: the application keeps serving meanwhile']
      : []),
    ...(path.length > 0
      ? [
          '',
          ...columns([
            ['critical path', 'time', 'shorter by'],
            ...path.map((one) => [one.name, span(one.seconds), one.shorter]),
          ]),
        ]
      : []),
  ].join('\n');
}

function renamed(step: Step, name: string): Step {
  return { ...step, name };
}
