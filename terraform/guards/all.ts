import type { GuardHit } from '../planning/result';
import { crd } from './crd';
import { disk } from './disk';
import { emptyRender } from './empty-render';
import type { Guard, GuardInput } from './guard';
import { identity } from './identity';
import { namespace } from './namespace';
import { openToWorld } from './open-to-world';
import { rootApplication } from './root-application';
import { stateBucket } from './state-bucket';

/** All guards. */
export const GUARDS: readonly Guard[] = [
  stateBucket,
  disk,
  namespace,
  crd,
  rootApplication,
  emptyRender,
  openToWorld,
  identity,
];

/** What the guards find, in their order. */
export function runGuards(input: GuardInput): GuardHit[] {
  return GUARDS.flatMap(({ name, find }) => find(input).map((hit) => ({ guard: name, ...hit })));
}
