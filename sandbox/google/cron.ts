/** A moment as a clock on the wall shows it. */
interface WallTime {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether a cron expression of five fields falls due in the minute that a moment is in.
 *
 * Knows numbers, `*`, ranges, lists and steps; of names of days and months nothing.
 *
 * @param moment - milliseconds since the epoch.
 * @param timeZone - of the time zone database.
 */
export function isDue(cron: string, moment: number, timeZone: string): boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.trim().split(/\s+/);
  const now = wallTime(moment, timeZone);
  const isDay = matches(day, now.day, 1, 31);
  const isWeekday = matches(weekday.replaceAll('7', '0'), now.weekday, 0, 6);
  // Where both are restricted one of them is enough. Source: crontab(5).
  const today = day !== '*' && weekday !== '*' ? isDay || isWeekday : isDay && isWeekday;
  return (
    matches(minute, now.minute, 0, 59) && matches(hour, now.hour, 0, 23) && matches(month, now.month, 1, 12) && today
  );
}

function matches(field: string, value: number, least: number, most: number): boolean {
  return field.split(',').some((part) => {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const first = from === '*' ? least : Number(from);
    const last = from === '*' || (step && !to) ? most : Number(to ?? from);
    return value >= first && value <= last && (value - first) % Number(step ?? 1) === 0;
  });
}

function wallTime(moment: number, timeZone: string): WallTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  return {
    minute: number('minute'),
    hour: number('hour'),
    day: number('day'),
    month: number('month'),
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const numeric = 'numeric' as const;
  const shown = { minute: numeric, hour: numeric, day: numeric, month: numeric, weekday: 'short' as const };
  const format = new Intl.DateTimeFormat('en-US', { ...shown, timeZone, hourCycle: 'h23' });
  formats.set(timeZone, format);
  return format;
}
