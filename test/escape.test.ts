import fc from 'fast-check';
import { forHtml, forRegExp, forTerminal, forTypeScript } from '../escape';
import { ANY_CHARACTER } from './helpers/hostile';

test('shows what would control a terminal, and keeps lines, tabs and other languages', () => {
  expect(forTerminal('a\u001b[31mb\u009b\u202e\rc')).toBe('a\\u001b[31mb\\u009b\\u202e\\u000dc');
  expect(forTerminal('one\r\ntwo\tthree äö 日本 🚀')).toBe('one\ntwo\tthree äö 日本 🚀');
});

test('JSON that is printed is still JSON of the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
      expect(JSON.parse(forTerminal(JSON.stringify({ text })))).toEqual({ text });
    }),
  );
});

test('text in HTML opens no element and ends no attribute', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(forHtml(text)).not.toMatch(/[<>"']/)));
  expect(forHtml('<a b="c">&')).toBe('&#60;a b=&#34;c&#34;&#62;&#38;');
});

test('a value as TypeScript is that value when it is evaluated', () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
      expect(new Function(`return ${forTypeScript(text)};`)()).toBe(text);
    }),
  );
});

test('a regular expression of a text matches that text only', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      expect(new RegExp(`^${forRegExp(text)}$`).test(text)).toBe(true);
      if (other !== text) expect(new RegExp(`^${forRegExp(text)}$`).test(other)).toBe(false);
    }),
  );
});
