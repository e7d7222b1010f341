import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };

/** Any character of Unicode, as a unit of `fc.string`. Its own unit `binary` first builds a table of all, for more than a second. */
export const ANY_CHARACTER = fc
  .nat(0x10ffff - SURROGATES.count)
  .map((index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count));

/** Values that mean something in one of the languages that a value passes through, or that break a reader of them. */
export const HOSTILE: readonly string[] = [
  '',
  ' ',
  '\n',
  'a b',
  'two\nlines',
  'carriage\rreturn',
  'null\u0000byte',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  '\u202egnp.exe',
  '\ud800',
  '$' + '{file("/etc/hostname")}',
  '%' + '{ if true }x%' + '{ endif }',
  '$(id)',
  '`id`',
  "'; id; '",
  '"; id; "',
  "x' + (console.error('INJECTED'), '') + '",
  '*/ process.exit(9) /*',
  '</script><script>alert(1)</script>',
  'a: b',
  '- a',
  '!!js/function x',
  '&a [*a]',
  '{{ .Values.x }}',
  'key: "un',
  '# x',
  '--output=x',
  '-oProxyCommand=id',
  '-',
  '--',
  '../../etc',
  'a/../b',
  '/dev/null',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '1e999',
  '-1',
  '0x10',
  'true',
  'null',
  'https://user:token@example.com/a.git',
  '\u00e4\u00f6\u00fc\ud83d\ude80',
  'x'.repeat(5000),
];
