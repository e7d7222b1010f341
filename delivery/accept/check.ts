import { KubectlError } from '../../clients/kubectl';
import { messageOf } from '../../errors';

/** One point of the checklist. */
export interface Check {
  readonly name: string;
  /** `person`: a machine cannot tell, and `detail` says what to look at. */
  readonly result: 'pass' | 'fail' | 'person';
  readonly detail: string;
}

/** Finds out about one point. */
export type Finding = Pick<Check, 'result' | 'detail'>;

/** @param problems - none passes */
export function passUnless(problems: readonly string[], detail: string): Finding {
  return problems.length === 0 ? { result: 'pass', detail } : { result: 'fail', detail: problems.join('; ') };
}

/** What a person has to look at. */
export function person(detail: string): Finding {
  return { result: 'person', detail };
}

/** Runs a check; one that cannot be made has failed, with the reason. */
export async function checked(name: string, find: () => Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await find()) };
  } catch (error) {
    const text = error instanceof KubectlError ? error.stderr : messageOf(error);
    return { name, result: 'fail', detail: text.trim().split('\n')[0] ?? '' };
  }
}
