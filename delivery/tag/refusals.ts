import { duration } from '../lock/words';
import type { Ancestry } from './ancestry';
import type { Pin } from './pins';

/** A tag that is refused. */
export interface Refused {
  readonly env: string;
  readonly service: string;
  readonly tag: string;
  readonly deployed: string | undefined;
}

/** Why a tag may not follow the deployed one. @returns undefined where it may */
export function ancestryRefusal({ kind, ...rest }: Ancestry, refused: Refused): string | undefined {
  const { env, service, tag, deployed } = refused;
  const pin = `npm run tag -- pin --env ${env} --service ${service} --tag ${tag} --reason "..."`;
  switch (kind) {
    case 'placeholder':
      return `${tag} is the placeholder of a new overlay, which no image has; ship a commit`;
    case 'backward':
      return `the deployed ${deployed} descends from ${tag}: this would be a rollback. Pin the tag instead: ${pin}`;
    case 'older':
      return `the deployed ${deployed} is newer than ${tag}: this would be a rollback. Pin the tag instead: ${pin}`;
    case 'diverged':
      return (
        `${tag} and the deployed ${deployed} have diverged: neither descends from the other. ` +
        `Merge the deployed commit and ship the result, or pin this one: ${pin}`
      );
    case 'unknown-commit':
      return (
        `${'tag' in rest ? rest.tag : tag} names no commit on a branch of the repository of ${service}, so it is unknown which is newer. ` +
        `Push that commit to a branch, or choose: ${pin}`
      );
    default:
      return undefined;
  }
}

/** Why a pinned tag stays. */
export function pinRefusal(pin: Pin, { env, service, tag }: Refused, now: Date): string {
  const age = duration(now.getTime() - Date.parse(pin.since));
  return (
    `it is pinned to ${pin.tag} by ${pin.by} for ${age}: ${pin.reason}. ${tag} is not written; ` +
    `release it with: npm run tag -- unpin --env ${env} --service ${service}`
  );
}
