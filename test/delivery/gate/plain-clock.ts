/** What the clocks of a time zone show, by the formatter of the runtime alone. */
export interface PlainTime {
  /** 0 is Monday. */
  readonly day: number;
  /** Minutes since midnight, as shown. */
  readonly minute: number;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Reads a clock. @param moment - milliseconds since the epoch */
export function plainTime(moment: number, timeZone: string): PlainTime {
  const formatter =
    formatters.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  formatters.set(timeZone, formatter);
  const [, day = '', hour, minute] = /^(\w+),? (\d+):(\d+)$/.exec(formatter.format(moment)) ?? [];
  return { day: DAYS.indexOf(day), minute: Number(hour) * 60 + Number(minute) };
}

/** A span as a person reads it: is this minute of this day in it? */
export function plainlyWithin(
  { day, minute }: PlainTime,
  { days, from, to }: { readonly days: readonly string[]; readonly from: string; readonly to: string },
): boolean {
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const named = (index: number) => days.includes((DAYS[(index + 7) % 7] ?? '').toLowerCase());
  if (minutes(from) < minutes(to)) return named(day) && minutes(from) <= minute && minute < minutes(to);
  return (named(day) && minute >= minutes(from)) || (named(day - 1) && minute < minutes(to));
}
