import { option, ours, value } from './command';
import { type Expression, expression, input } from './expression';
import { type Checkout, HOSTED, prepared } from './steps';
import type { StepsJob } from './workflow';

/** What a job is allowed by that changes an environment: a person started it, or the gate allows this push. */
export const GATE_ALLOWS =
  "!failure() && !cancelled() && (inputs.trigger != 'push' || needs.gate.outputs.verdict == 'allow')";

/**
 * A job that asks the gate about a push. It ends well whatever the answer is: a push that may not be deployed is no failure. What a
 * person starts is not asked here: `ship` asks the gate itself, and fails with its reasons.
 *
 * @param token - reads the config repository.
 * @param options.isTagged - the workflow has an input `tag`, which an approval may be for. @default true
 */
export function gateJob(
  token: Expression,
  { isTagged = true, ...checkout }: Checkout & { readonly isTagged?: boolean } = {},
): StepsJob {
  return {
    name: 'gate',
    if: "inputs.trigger == 'push'",
    'runs-on': HOSTED,
    permissions: checkout.repository ? {} : { contents: 'read' },
    'timeout-minutes': 15,
    outputs: { verdict: expression('steps.gate.outputs.verdict') },
    steps: [
      ...prepared(checkout),
      {
        name: 'Ask the gate',
        id: 'gate',
        env: {
          SERVICE: input('service'),
          ENVIRONMENT: input('environment'),
          ...(isTagged && { TAG: input('tag') }),
          REPO_ACCESS_TOKEN: token,
        },
        run: ours(
          'gate',
          'check',
          '--report',
          '--trigger',
          'push',
          '--service',
          value('SERVICE'),
          '--env',
          value('ENVIRONMENT'),
          ...(isTagged ? [option('--tag', 'TAG')] : []),
        ),
      },
    ],
  };
}
