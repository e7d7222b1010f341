/*
 * How a value is written into each language, so that it stays a value there. YAML and JSON have serialisers. The descriptions of
 * platforms allow no value that Terraform would evaluate: see platforms/schema/.
 */

/** Control characters except tab and line feed, and those that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text for a terminal: characters that would move the cursor, change colours or reorder text are shown as `\u001b`, which JSON
 * reads as the character. Lines and tabs are kept.
 */
export function forTerminal(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Text for HTML, in an element as well as in an attribute within quotes. */
export function forHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text for a message to Slack. Source: https://docs.slack.dev/messaging/formatting-message-text/#escaping */
export function forSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A value as TypeScript: a literal that executes nothing, whatever its strings contain. */
export function forTypeScript(value: unknown): string {
  // Inside a string JSON allows two line separators that older parsers of JavaScript do not.
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** A regular expression that matches the text and nothing else. */
export function forRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
