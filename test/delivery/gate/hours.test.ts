import { DAYS, type Hours, isWithin, nextChange, type Span, shown } from '../../../delivery/gate/hours';
import { plainlyWithin, plainTime } from './plain-clock';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const span = (days: Span['days'], from: string, to: string): Span => ({ days, from, to });
const at = (text: string) => new Date(text);

/** Taipei has no daylight saving time: 09:00 there is 01:00 in UTC. */
const office: Hours = { timeZone: 'Asia/Taipei', spans: [span(['mon', 'fri'], '09:00', '18:00')] };
const night: Hours = { timeZone: 'Asia/Taipei', spans: [span(['fri'], '22:00', '02:00')] };

test.each([
  ['the minute before it begins', office, '2026-01-05T00:59:59.999Z', false],
  ['its first moment', office, '2026-01-05T01:00:00Z', true],
  ['its last moment', office, '2026-01-05T09:59:59.999Z', true],
  ['its end', office, '2026-01-05T10:00:00Z', false],
  ['a day that is not named', office, '2026-01-06T01:00:00Z', false],
  ['the evening of the day on which it begins', night, '2026-01-09T14:00:00Z', true],
  ['the night after it, up to its end', night, '2026-01-09T17:59:59Z', true],
  ['its end in the night', night, '2026-01-09T18:00:00Z', false],
  ['the night before the day on which it begins', night, '2026-01-08T17:00:00Z', false],
  [
    'midnight at the end of a day',
    { ...office, spans: [span(['mon'], '18:00', '24:00')] },
    '2026-01-05T15:59:59Z',
    true,
  ],
  [
    'midnight at the beginning of the next',
    { ...office, spans: [span(['mon'], '18:00', '24:00')] },
    '2026-01-05T16:00:00Z',
    false,
  ],
  ['a week over its end', { ...office, spans: [span(['sun'], '23:00', '01:00')] }, '2026-01-04T16:30:00Z', true],
])('%s', (_, hours, moment, expected) => {
  expect(isWithin(hours, at(moment))).toBe(expected);
});

test.each([
  ['from within to its end', office, '2026-01-05T05:00:00Z', '2026-01-05T10:00:00.000Z'],
  ['from outside to the next beginning, days ahead', office, '2026-01-05T10:00:00Z', '2026-01-09T01:00:00.000Z'],
  ['over the weekend', office, '2026-01-09T12:00:00Z', '2026-01-12T01:00:00.000Z'],
  ['over midnight', night, '2026-01-09T15:00:00Z', '2026-01-09T18:00:00.000Z'],
  [
    'past the seam of two spans',
    { ...office, spans: [span(['mon'], '09:00', '12:00'), span(['mon'], '12:00', '15:00')] },
    '2026-01-05T01:30:00Z',
    '2026-01-05T07:00:00.000Z',
  ],
  [
    'a week ahead',
    { ...office, spans: [span(['mon'], '09:00', '10:00')] },
    '2026-01-05T02:00:00Z',
    '2026-01-12T01:00:00.000Z',
  ],
  [
    'a second week ahead, where daylight saving time skips the span',
    { timeZone: 'Europe/Berlin', spans: [span(['sun'], '02:00', '03:00')] },
    '2026-03-23T00:00:00Z',
    '2026-04-05T00:00:00.000Z',
  ],
])('the next change is found %s', (_, hours, moment, expected) => {
  expect(nextChange(hours, at(moment))?.toISOString()).toBe(expected);
});

test('what is always open never changes', () => {
  expect(
    nextChange({ timeZone: 'UTC', spans: [span(DAYS, '00:00', '24:00')] }, at('2026-01-05T00:00:00Z')),
  ).toBeUndefined();
});

test('a moment is shown on the clocks of its zone', () => {
  expect(shown(at('2026-01-05T01:00:00Z'), 'Asia/Taipei')).toBe('Mon 2026-01-05 09:00 Asia/Taipei');
});

/** An hour, half an hour, and midnight as the moment of change. */
const ZONES = ['America/New_York', 'Australia/Lord_Howe', 'America/Santiago'];

/** The moments at which a zone's clocks change in five years. */
function changesOf(timeZone: string): number[] {
  const end = Date.UTC(2031, 0, 1);
  const offset = (moment: number) => (plainTime(moment, timeZone).minute - moment / MINUTE) % 1440;
  const found: number[] = [];
  for (let hour = Date.UTC(2026, 0, 1); hour < end; hour += HOUR)
    if ((offset(hour) - offset(hour + HOUR)) % 1440 !== 0) found.push(hour + HOUR);
  return found;
}

describe.each(ZONES)('on every day of five years on which the clocks of %s change', (timeZone) => {
  const changes = changesOf(timeZone);
  const hours = ['00:15-01:15', '01:45-02:20', '02:30-03:30', '23:30-00:30', '22:00-05:00'].map((text): Hours => {
    const [from = '', to = ''] = text.split('-');
    return { timeZone, spans: [span(['mon', 'sat', 'sun'], from, to)] };
  });

  test('there are two a year', () => {
    expect(changes).toHaveLength(10);
  });

  test('spans are open when the clocks say so, in each minute of the hours around', () => {
    for (const change of changes) {
      for (let moment = change - 3 * HOUR; moment < change + 3 * HOUR; moment += MINUTE) {
        const time = plainTime(moment, timeZone);
        for (const one of hours) {
          const expected = one.spans.some((each) => plainlyWithin(time, each));
          if (isWithin(one, new Date(moment)) !== expected)
            throw new Error(`${JSON.stringify(one)} at ${new Date(moment).toISOString()} should be ${expected}`);
        }
      }
    }
  });

  test('the next change is the first minute that differs', () => {
    for (const change of changes) {
      for (const one of hours) {
        for (const start of [change - 4 * HOUR, change - 20 * MINUTE, change + 20 * MINUTE]) {
          const open = (moment: number) => one.spans.some((each) => plainlyWithin(plainTime(moment, timeZone), each));
          const before = open(start);
          let expected = start + MINUTE - (start % MINUTE);
          while (open(expected) === before) expected += MINUTE;
          expect(nextChange(one, new Date(start))?.toISOString()).toBe(new Date(expected).toISOString());
        }
      }
    }
  });
});
