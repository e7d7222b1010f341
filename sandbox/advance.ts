import type { World } from './world';

/** Longest span that passes at once: schedules run minute by minute. */
export const LONGEST_DAYS = 366;

const SECONDS = { d: 86_400, h: 3600, m: 60, s: 1 } as const;

/**
 * Reads a span of time such as `2h30m`, `45s` or `1d`. Returns seconds.
 *
 * @throws Error when it is something else.
 */
export function parseSpan(text: string): number {
  const parts = [...text.matchAll(/(\d+)([dhms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new Error(`"${text}" is not a time span; give numbers with d, h, m or s, such as 2h30m`);
  }
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * SECONDS[unit as keyof typeof SECONDS],
    0,
  );
  if (seconds > LONGEST_DAYS * SECONDS.d) {
    throw new Error(`"${text}" is longer than ${LONGEST_DAYS} days, the longest span that can pass at once`);
  }
  return seconds;
}

/** Lets time pass in a world. Returns what happened on the way, a line each: `2026-01-05T13:00:00Z  threads-prod-vm stopped`. */
export async function advance(world: World, seconds: number): Promise<string[]> {
  const happened: string[] = [];
  const note = (what: string) => happened.push(`${world.clock.iso()}  ${what}`);
  const onMachine = (key: string) => {
    const machine = world.data.machines[key];
    note(`${machine?.name ?? key} ${machine?.state ?? 'is gone'}`);
  };
  const onImage = (repository: string) => note(`image pushed to ${repository}`);
  const snapshots = () => new Map(world.list('google_compute_snapshot').map((object) => [object.key, object]));
  const before = snapshots();
  world.events.on('machine', onMachine).on('image', onImage);
  try {
    await world.clock.advance(seconds);
    await world.clock.settled();
  } finally {
    world.events.off('machine', onMachine).off('image', onImage);
  }
  const after = snapshots();
  const name = (key: string) => `snapshot ${key.split('/').at(-1)}`;
  for (const [key, { values }] of after) {
    if (!before.has(key)) happened.push(`${values['creation_timestamp']}  ${name(key)} created`);
  }
  for (const key of before.keys()) if (!after.has(key)) note(`${name(key)} deleted by now`);
  return happened.sort();
}
