import { isoOf } from '../clock';
import {
  type ArgumentRule,
  type Context,
  type ProviderBehaviour,
  ProviderError,
  type ResourceBehaviour,
} from '../protocol/behaviour';
import { isUnknown, type Value, type Values } from '../protocol/values';

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Source: documentation of `time_sleep` in hashicorp/time 0.13.1. */
const duration: ArgumentRule = {
  change: 'in-place',
  check: (value) =>
    typeof value === 'string' && !/^\d+(\.\d+)?(ms|s|m|h)$/.test(value)
      ? 'must be a number immediately followed by ms (milliseconds), s (seconds), m (minutes), or h (hours). For example, "30s" for 30 seconds.'
      : undefined,
};

const rfc3339: ArgumentRule = {
  change: 'replace',
  check: (value) =>
    typeof value === 'string' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)
      ? `"${value}" is not in RFC3339 format`
      : undefined,
};

/** Spans of an offset or a rotation, by the end of their arguments' names. */
const SPANS = ['years', 'months', 'days', 'hours', 'minutes', 'seconds'] as const;

/** `time_sleep`: waits in simulated time. */
const sleep: ResourceBehaviour = {
  type: 'time_sleep',
  arguments: { create_duration: duration, destroy_duration: duration, triggers: 'replace' },
  plan(planned) {
    if (planned['create_duration'] === null && planned['destroy_duration'] === null) {
      throw new ProviderError('at least one of create_duration, destroy_duration must be set');
    }
    return planned;
  },
  async create(planned, { world }) {
    await world.clock.sleep(secondsOf(planned['create_duration']));
    const id = world.clock.iso();
    return { key: id, values: { ...planned, id } };
  },
  read: async (_key, prior) => prior,
  update: async (_key, _prior, planned) => planned,
  delete: (_key, prior, { world }) => world.clock.sleep(secondsOf(prior['destroy_duration'])),
};

/** `time_static`: the simulated moment of its creation, or a given one. */
const fixed: ResourceBehaviour = moment({
  type: 'time_static',
  arguments: { rfc3339, triggers: 'replace' },
  compute: (values, now) => partsOf(given(values['rfc3339']) ?? now),
});

/** `time_offset`: a moment at an offset from another, by default after its creation. */
const offset: ResourceBehaviour = moment({
  type: 'time_offset',
  arguments: {
    base_rfc3339: rfc3339,
    triggers: 'replace',
    ...Object.fromEntries(SPANS.map((span) => [`offset_${span}`, 'in-place' as const])),
  },
  recomputed: ['rfc3339', 'unix', 'year', 'month', 'day', 'hour', 'minute', 'second'],
  compute: (values, now) => {
    const base = given(values['base_rfc3339']) ?? now;
    return { ...partsOf(moved(base, values, 'offset')), base_rfc3339: isoOf(base) };
  },
});

/** `time_rotating`: a moment that is recreated once its rotation has passed in simulated time. */
const rotating: ResourceBehaviour = {
  ...moment({
    type: 'time_rotating',
    arguments: {
      rfc3339,
      rotation_rfc3339: { ...rfc3339, change: 'in-place' },
      triggers: 'replace',
      ...Object.fromEntries(SPANS.slice(0, 5).map((span) => [`rotation_${span}`, 'in-place' as const])),
    },
    recomputed: ['rotation_rfc3339'],
    compute: (values, now) => {
      const base = given(values['rfc3339']) ?? now;
      const end = given(values['rotation_rfc3339']) ?? moved(base, values, 'rotation');
      return { ...partsOf(base), rotation_rfc3339: isoOf(end) };
    },
  }),
  async read(_key, prior, { world }) {
    return world.clock.now() >= (given(prior['rotation_rfc3339']) ?? Number.POSITIVE_INFINITY) ? null : prior;
  },
};

/** The simulated time provider. Its resources exist in the state only; what it waits for passes in simulated time. */
export function timeProvider(): ProviderBehaviour {
  return { name: 'time', source: 'hashicorp/time', resources: [sleep, fixed, offset, rotating], data: [] };
}

function moment(
  spec: Pick<ResourceBehaviour, 'type' | 'arguments' | 'recomputed'> & {
    compute(values: Values, now: number): Values;
  },
): ResourceBehaviour {
  const { compute, ...behaviour } = spec;
  const at = (values: Values, now: number) => {
    const computed = compute(values, now);
    return { ...values, ...computed };
  };
  return {
    ...behaviour,
    async create(planned, { world }: Context) {
      const id = world.clock.iso();
      const values = at(planned, Date.parse(id));
      return { key: id, values: { ...values, id: String(values['base_rfc3339'] ?? values['rfc3339']) } };
    },
    read: async (_key, prior) => prior,
    update: async (_key, prior, planned) => at(planned, given(prior['rfc3339']) ?? 0),
    delete: async () => {},
  };
}

function secondsOf(span: Value | undefined): number {
  const [, number, unit = ''] = /^([\d.]+)(ms|s|m|h)$/.exec(typeof span === 'string' ? span : '') ?? [];
  return Number(number ?? 0) * (UNITS[unit] ?? 0);
}

function given(value: Value | undefined): number | undefined {
  return typeof value === 'string' && !isUnknown(value) ? Date.parse(value) : undefined;
}

/** A moment so many years, months, ... later, as Go's `AddDate` counts them. */
function moved(base: number, values: Values, prefix: string): number {
  const [years, months, days, hours, minutes, seconds] = SPANS.map((span) => Number(values[`${prefix}_${span}`] ?? 0));
  const date = new Date(base);
  date.setUTCFullYear(
    date.getUTCFullYear() + (years ?? 0),
    date.getUTCMonth() + (months ?? 0),
    date.getUTCDate() + (days ?? 0),
  );
  return date.getTime() + (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

function partsOf(at: number): Values {
  const date = new Date(at);
  return {
    rfc3339: isoOf(at),
    unix: Math.floor(at / 1000),
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}
