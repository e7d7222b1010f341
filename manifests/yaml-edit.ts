import { isMap, isScalar, isSeq, parseAllDocuments, parseDocument, type Scalar, stringify, visit } from 'yaml';
import type { ListPlace } from '../platforms/schema/scaffold';

/** Keys and indices that lead to a value. */
type Path = readonly (string | number)[];

/**
 * Inserts an item into a list of a YAML file and changes no other byte: comments, order and spacing stay.
 *
 * @param place - @default - at the end
 * @throws Error if there is no such list, or no item to put it next to.
 */
export function insertItem(text: string, path: Path, item: unknown, place?: ListPlace): string {
  const list = parseDocument(text).getIn(path, true);
  if (!isSeq(list) || list.items.length === 0) throw new Error(`there is no list "${path.join('.')}" to add to`);
  const index = place ? list.items.findIndex((node) => has(node, place.item)) : list.items.length - 1;
  if (index < 0) throw new Error(`list "${path.join('.')}" has no item "${place?.item}"`);
  const [start, end] = rangeOf(list.items[index]);
  if (list.flow) return splice(text, end, end, `, ${inYaml(item)}`);
  const line = lineStart(text, start);
  const lines = asListItem(item, ' '.repeat(text.slice(line, start).indexOf('-')));
  const at = place?.before ? line : lineEnd(text, start + text.slice(start, end).trimEnd().length);
  return splice(text, at, at, at === text.length && !text.endsWith('\n') ? `\n${lines}` : lines);
}

/** Adds an item to a list of a YAML file, and the list at the end of the file if there is none. */
export function appendItem(text: string, key: string, item: unknown): string {
  return isSeq(parseDocument(text).get(key, true))
    ? insertItem(text, [key], item)
    : `${text.trimEnd()}\n\n${key}:\n${asListItem(item, '  ')}`;
}

/** Removes the items of a list that `matches` accepts, each with its lines. Every other byte stays. */
export function removeItems(text: string, path: Path, matches: (item: unknown) => boolean): string {
  const list = parseDocument(text).getIn(path, true);
  const found = isSeq(list) ? list.items.filter((node) => matches(plainOf(node))) : [];
  return found
    .map(rangeOf)
    .reverse()
    .reduce((after, [start, end]) => {
      const last = start + after.slice(start, end).trimEnd().length;
      return splice(after, lineStart(after, start), lineEnd(after, last), '');
    }, text);
}

/**
 * Sets a scalar that a YAML file has, and changes no other byte.
 *
 * @returns undefined if the file has no scalar at that path.
 */
export function setScalar(text: string, path: Path, value: string | number): string | undefined {
  const node = parseDocument(text).getIn(path, true);
  if (!isScalar(node)) return undefined;
  const [start, end] = rangeOf(node);
  return splice(text, start, end, typeof value === 'number' ? String(value) : inStyle(value, node.type));
}

/** Replaces strings of all documents of a YAML file, but no keys. Every other byte stays. @param change - gets the key that a value has. */
export function mapStrings(text: string, change: (value: string, key: string | undefined) => string): string {
  const edits: { readonly range: readonly [number, number]; readonly text: string }[] = [];
  for (const document of parseAllDocuments(text)) {
    visit(document, {
      Pair: (_, pair) => {
        if (isScalar(pair.value)) push(pair.value, isScalar(pair.key) ? String(pair.key.value) : undefined);
      },
      Seq: (_, list) => {
        for (const item of list.items) if (isScalar(item)) push(item);
      },
    });
  }
  return edits.reverse().reduce((after, { range, text: put }) => splice(after, ...range, put), text);

  function push(node: Scalar, key?: string): void {
    if (typeof node.value !== 'string') return;
    const after = change(node.value, key);
    if (after !== node.value) edits.push({ range: rangeOf(node), text: inStyle(after, node.type) });
  }
}

/** A string as YAML, quoted as another one was. */
export function inStyle(value: string, style: Scalar['type']): string {
  const quoted = style === 'QUOTE_DOUBLE' || style === 'QUOTE_SINGLE';
  return inYaml(value, quoted ? { defaultStringType: style } : {});
}

/** Whether a list item is a text, or has it as one of its values. */
function has(node: unknown, text: string): boolean {
  if (isScalar(node)) return String(node.value) === text;
  return isMap(node) && node.items.some(({ value }) => has(value, text));
}

function plainOf(node: unknown): unknown {
  return isScalar(node) ? node.value : isMap(node) || isSeq(node) ? node.toJSON() : undefined;
}

function asListItem(item: unknown, indent: string): string {
  return `- ${inYaml(item).replaceAll('\n', '\n  ')}`
    .split('\n')
    .map((line) => `${indent}${line}\n`)
    .join('');
}

function inYaml(
  value: unknown,
  options: { readonly defaultStringType?: 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' } = {},
): string {
  return stringify(value, { lineWidth: 0, ...options }).trimEnd();
}

function rangeOf(node: unknown): readonly [number, number] {
  const { range } = node as { readonly range?: readonly [number, number, number] | null };
  if (!range) throw new Error('a value of a YAML file has no position');
  return [range[0], range[1]];
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at) + 1;
}

/** The beginning of the next line. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function splice(text: string, start: number, end: number, put: string): string {
  return text.slice(0, start) + put + text.slice(end);
}
