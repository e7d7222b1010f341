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

/** Names of months and days. Source: crontab(5). */
const NAMES = {
  month: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  day: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};

/** Least and most of each field. */
const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Whether a text is a cron expression of five fields. */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === 5 && fields.every((field, index) => isField(field, index));
}

function isField(field: string, index: number): boolean {
  const [least, most] = FIELDS[index] ?? [0, 0];
  const named = index === 3 ? NAMES.month : index === 4 ? NAMES.day : [];
  const isValue = (text: string) =>
    named.includes(text.toUpperCase()) || (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most);
  return field.split(',').every((part) => {
    const [range = '', step, ...more] = part.split('/');
    const isStep = step === undefined || (/^\d+$/.test(step) && Number(step) > 0);
    const ends = range.split('-');
    return more.length === 0 && isStep && (range === '*' || (ends.length <= 2 && ends.every(isValue)));
  });
}

/**
 * Whether a cron expression of five fields falls due in the minute that a moment is in.
 *
 *
 * @param moment - milliseconds since the epoch.
 * @param timeZone - of the time zone database.
 */
export function isDue(cron: string, moment: number, timeZone: string): boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.trim().split(/\s+/);
  const now = wallTime(moment, timeZone);
  const numbered = (field: string, names: readonly string[], first: number) =>
    field.replace(/[A-Za-z]{3}/g, (name) => String(names.indexOf(name.toUpperCase()) + first));
  const isDay = matches(day, now.day, 1, 31);
  const isWeekday = matches(numbered(weekday, NAMES.day, 0).replaceAll('7', '0'), now.weekday, 0, 6);
  // Where both are restricted one of them is enough. Source: crontab(5).
  const today = day !== '*' && weekday !== '*' ? isDay || isWeekday : isDay && isWeekday;
  return (
    matches(minute, now.minute, 0, 59) &&
    matches(hour, now.hour, 0, 23) &&
    matches(numbered(month, NAMES.month, 1), now.month, 1, 12) &&
    today
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
