import { DateTime } from 'luxon';

/** Days of the week in the order of ISO 8601, Monday first. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A day of the week. */
type Day = (typeof DAYS)[number];

/** A part of a day. If `from` is later than `to`, it continues over midnight and counts for the day on which it begins. */
export interface Span {
  readonly days: readonly Day[];
  /** `HH:MM`, the first minute in it. */
  readonly from: string;
  /** `HH:MM` up to `24:00`, the first minute after it. */
  readonly to: string;
}

/** Spans of the week on the clocks of one time zone. */
export interface Hours {
  /** Name in the IANA time zone database. */
  readonly timeZone: string;
  readonly spans: readonly Span[];
}

/** Days in which to search for a change: one week, and a second one for a span that daylight saving time skips. */
const HORIZON = 15;

const MINUTE_MS = 60_000;

/**
 * True if the local time is in one of the spans. An hour that daylight saving time skips never occurs, and one that it repeats
 * occurs twice.
 */
export function isWithin({ timeZone, spans }: Hours, now: Date): boolean {
  return isOn(spans, DateTime.fromJSDate(now, { zone: timeZone }));
}

/** The next moment at which `isWithin` changes; undefined when it never does. */
export function nextChange({ timeZone, spans }: Hours, now: Date): Date | undefined {
  const start = DateTime.fromJSDate(now, { zone: timeZone });
  const before = isOn(spans, start);
  const minutes = [0, ...spans.flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)])].sort((a, b) => a - b);
  for (let ahead = 0; ahead < HORIZON; ahead++) {
    const day = start.plus({ days: ahead }).startOf('day');
    const moment = momentsOf(day, minutes).find((one) => one > start && isOn(spans, one) !== before);
    if (moment) return moment.toJSDate();
  }
  return undefined;
}

/** A moment in local time: `Mon 2026-01-05 09:00 Asia/Taipei`. */
export function shown(moment: Date, timeZone: string): string {
  return DateTime.fromJSDate(moment, { zone: timeZone }).setLocale('en').toFormat('ccc yyyy-LL-dd HH:mm z');
}

/**
 * The moments of a day at which a span may begin or end, in order: its times by the offset of its first moment and by that
 * of its last, and the moment at which the clocks are changed.
 */
function momentsOf(day: DateTime, minutes: readonly number[]): DateTime[] {
  const end = day.plus({ days: 1 }).startOf('day');
  const midnight = Date.UTC(day.year, day.month - 1, day.day);
  const times = (offset: number) =>
    minutes.map((minute) => DateTime.fromMillis(midnight + (minute - offset) * MINUTE_MS, { zone: day.zone }));
  if (day.offset === end.offset) return times(day.offset);
  return [...times(day.offset), ...times(end.offset), changeBetween(day, end)].sort(
    (one, other) => one.toMillis() - other.toMillis(),
  );
}

/** The first minute whose offset is not that of `start`. */
function changeBetween(start: DateTime, end: DateTime): DateTime {
  const middle = start.plus({ minutes: Math.floor(end.diff(start).as('minutes') / 2) });
  if (middle <= start) return end;
  return middle.offset === start.offset ? changeBetween(middle, end) : changeBetween(start, middle);
}

function isOn(spans: readonly Span[], { weekday, hour, minute }: DateTime): boolean {
  const time = hour * 60 + minute;
  const today = DAYS[weekday - 1];
  const yesterday = DAYS[(weekday + 5) % 7];
  return spans.some(({ days, from, to }) => {
    const [first, end] = [minutesOf(from), minutesOf(to)];
    const has = (day: Day | undefined) => day !== undefined && days.includes(day);
    if (first < end) return has(today) && time >= first && time < end;
    return (has(today) && time >= first) || (has(yesterday) && time < end);
  });
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
