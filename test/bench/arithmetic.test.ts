import { growth, median } from '../../bench/arithmetic';
import { judge, table } from '../../bench/figure';
import { interleave } from '../../bench/measure';

test.each([
  [[3], 3],
  [[9, 1, 4], 4],
  [[10, 2, 4, 8], 6],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});

test('the median of nothing is refused', () => {
  expect(() => median([])).toThrow('there is no median of no values; measure at least once');
});

test.each([
  ['linear', 1, (x: number) => 7 * x],
  ['quadratic', 2, (x: number) => 0.5 * x ** 2],
  ['constant', 0, () => 3],
])('%s growth is a power of %d', (_, power, y) => {
  expect(growth([100, 300, 1000].map((x) => [x, y(x)]))).toBeCloseTo(power, 10);
});

test('one bad point bends the fit less than it would the outermost two', () => {
  const bent = growth([
    [1, 1],
    [10, 20],
    [100, 100],
  ]);
  expect(bent).toBeCloseTo(1, 10);
});

test('growth over a single size is refused', () => {
  const twice = [
    [100, 1],
    [100, 2],
  ] as const;
  expect(() => growth(twice)).toThrow('growth needs two sizes, got 2 points; measure another size');
});

const figure = { name: 'some work', ours: 30, other: 20, otherName: 'other work', goal: 1.5 };

test('a goal is met up to its very value', () => {
  expect(judge(figure)).toMatchObject({ ratio: 1.5, met: true });
  expect(judge({ ...figure, ours: 30.01 }).met).toBe(false);
});

test('a figure that is compared with nothing is refused', () => {
  expect(() => judge({ ...figure, other: 0 })).toThrow('figure "some work" is compared with 0; it must be above 0');
});

test('the table says what was measured, against what, and whether it will do', () => {
  expect(table([judge(figure), judge({ ...figure, ours: 300, unit: '' })])).toBe(
    [
      'figure     ours     other               ratio  goal         met',
      'some work  30.0 ms  other work 20.0 ms  1.50   at most 1.5  yes',
      'some work  300      other work 20.0     15.0   at most 1.5  NO',
    ].join('\n'),
  );
});

test('subjects take turns, and the first turn of each does not count', async () => {
  const turns: string[] = [];
  const times = await interleave(
    2,
    () => turns.push('a'),
    async () => turns.push('b'),
  );
  expect(turns.join('')).toBe('ababab');
  expect(times).toHaveLength(2);
});
