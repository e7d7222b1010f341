import { isScalar, isSeq, parseDocument } from 'yaml';

/** Where an item goes: beside another one, or at the end. */
export interface Place {
  /** The item that holds this text: itself, or as one of its values. */
  readonly beside: string;
  readonly before?: boolean;
}

/**
 * Puts an item into a list of a YAML file and changes no other byte: comments, order and spacing stay.
 *
 * @param path - keys and indices that lead to the list
 * @param item - the item as YAML, its further lines indented as below a hyphen at the margin
 * @param place - @default - at the end
 * @throws when there is no such list or no such item.
 */
export function insertItem(text: string, path: readonly (string | number)[], item: string, place?: Place): string {
  const list = parseDocument(text).getIn(path, true);
  if (!isSeq(list) || list.items.length === 0) throw new Error(`there is no list "${path.join('.')}" to add to`);
  const ranges = list.items.map((node) => (node as { range: [number, number, number] }).range);
  const holds = (range: readonly number[], index: number) =>
    isScalar(list.items[index])
      ? String(list.items[index]) === place?.beside
      : text
          .slice(range[0], range[1])
          .split(/[\s,{}]+/)
          .includes(place?.beside ?? '');
  const index = place ? ranges.findIndex(holds) : ranges.length - 1;
  const [start = 0, end = 0] = ranges[index] ?? [];
  if (index < 0) throw new Error(`list "${path.join('.')}" has no item "${place?.beside}"`);
  if (list.flow) return `${text.slice(0, end)}, ${item}${text.slice(end)}`;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const indent = ' '.repeat(text.slice(lineStart, start).indexOf('-'));
  const lines = `- ${item}`
    .split('\n')
    .map((line) => `${indent}${line}\n`)
    .join('');
  const lineEnd = text.indexOf('\n', text.slice(0, end).trimEnd().length);
  const at = place?.before ? lineStart : lineEnd < 0 ? text.length : lineEnd + 1;
  return text.slice(0, at) + lines + text.slice(at);
}

/** Adds an item to a list of a YAML file, and the list at the end of the file where there is none. */
export function appendTo(text: string, key: string, item: string): string {
  return isSeq(parseDocument(text).get(key, true))
    ? insertItem(text, [key], item)
    : `${text.trimEnd()}\n\n${key}:\n  - ${item.replaceAll('\n', '\n  ')}\n`;
}
