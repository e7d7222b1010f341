// Control characters, and characters that change the direction or width of text: a name could pass for another one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/**
 * Text as a Markdown code span. Inside one, GitHub makes no links, mentions, images, HTML or issue references, so text of
 * others shows as it is. See https://github.github.com/gfm/#code-spans
 */
export function code(text: string): string {
  const line = text.replace(HIDDEN, ' ').trim();
  if (line === '') return '` `';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Text of several lines as an indented code block's safer form: one code span for each line, in a list. */
export function codeLines(text: string, indent = ''): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `${indent}- ${code(line)}`);
}
