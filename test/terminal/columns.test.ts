import fc from 'fast-check';
import { columns, fitted } from '../../terminal/columns';

test('continues a long line below, indented like its beginning', () => {
  expect(fitted('  one two three four', 12)).toBe('  one two\n  three four');
});

test('leaves a word that is longer than the line as it is', () => {
  expect(fitted('a https://example.com/a/very/long/address b', 20)).toBe(
    'a\nhttps://example.com/a/very/long/address\nb',
  );
});

test('keeps lines that fit, and blank lines', () => {
  expect(fitted('one\n\ntwo', 80)).toBe('one\n\ntwo');
});

test('continues the cells of the widest column below', () => {
  expect(
    columns(
      [
        ['name', 'what'],
        ['one', 'a few words that do not fit'],
      ],
      26,
    ),
  ).toEqual(['name  what', 'one   a few words that do', '      not fit']);
});

test('no line is wider than the terminal, and no word is lost', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const cell = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, cell), { minLength: 1 }), fc.integer({ min: 40, max: 100 }), (rows, width) => {
      const lines = columns(rows, width);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
      expect(lines.join(' ').split(/\s+/).filter(Boolean).sort()).toEqual(
        rows.flat().join(' ').split(/\s+/).filter(Boolean).sort(),
      );
    }),
  );
});
