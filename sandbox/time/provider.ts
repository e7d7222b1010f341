import type { ArgumentRule, ProviderBehaviour } from '../protocol/behaviour';
import type { Value, Values } from '../protocol/values';

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

const duration: ArgumentRule = {
  change: 'in-place',
  check: (value) =>
    typeof value === 'string' && secondsOf(value) === undefined
      ? `must be a number immediately followed by ms, s, m or h, got "${value}"`
      : undefined,
};

/** The simulated time provider, of which it knows `time_sleep`: simulated time passes, and the state remembers when. */
export function timeProvider(): ProviderBehaviour {
  return {
    name: 'time',
    source: 'hashicorp/time',
    resources: [
      {
        type: 'time_sleep',
        arguments: { create_duration: duration, destroy_duration: duration, triggers: 'replace' },
        async create(planned, { world }) {
          await world.clock.sleep(secondsOf(planned['create_duration']) ?? 0);
          const id = world.clock.iso();
          return { key: id, values: { ...planned, id } };
        },
        read: async (_key, prior) => prior,
        // Another duration counts from the next creation or deletion.
        update: async (_key, _prior, planned) => planned,
        async delete(_key, prior: Values, { world }) {
          await world.clock.sleep(secondsOf(prior['destroy_duration']) ?? 0);
        },
      },
    ],
    data: [],
  };
}

/** The real provider takes one number and one unit, less than Go does. */
function secondsOf(text: Value | undefined): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(typeof text === 'string' ? text : '') ?? [];
  return number === undefined ? undefined : Number(number) * (SECONDS[unit] ?? 0);
}
