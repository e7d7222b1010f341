import { isMap, isScalar, isSeq, parseDocument, visit, type YAMLMap } from 'yaml';
import { UsageError } from '../../errors';

/** The line that a pin adds to an image of an ImageUpdater. */
const LINE = /^ *commonUpdateSettings: \{ allowTags: "regexp:\^[^"]*\$" \} # pinned\r?\n/m;

/**
 * Narrows the tags that Image Updater may choose for an image to one, or lets it choose again.
 *
 * @param updater - an ImageUpdater resource
 * @param tag - null releases the image
 * @throws {UsageError} when the resource does not name the image once, or gives it settings already
 */
export function pinInImageUpdater(updater: string, image: string, tag: string | null): string {
  const entries: YAMLMap[] = [];
  visit(parseDocument(updater), {
    Map: (_, map) => {
      if (map.get('imageName') === image) entries.push(map);
    },
  });
  const [entry] = entries;
  const key = entry?.items.find((pair) => isScalar(pair.key) && pair.key.value === 'imageName')?.key;
  if (entries.length !== 1 || !isScalar(key) || !key.range || entry?.flow) {
    throw new UsageError(`the ImageUpdater has ${entries.length} entries in block style for image ${image}; keep one`);
  }
  const lineStart = updater.lastIndexOf('\n', key.range[0]) + 1;
  const lineEnd = updater.indexOf('\n', key.range[0]) + 1;
  const released = updater.slice(lineEnd).replace(LINE, (line, offset: number) => (offset === 0 ? '' : line));
  if (tag === null) return updater.slice(0, lineEnd) + released;
  const settings = entry?.get('commonUpdateSettings', true);
  if ((isMap(settings) || isSeq(settings)) && released === updater.slice(lineEnd)) {
    throw new UsageError(`image ${image} already has commonUpdateSettings; pin it there: allowTags: "regexp:^${tag}$"`);
  }
  const indent = ' '.repeat(key.range[0] - lineStart);
  const pin = `${indent}commonUpdateSettings: { allowTags: "regexp:^${tag.replaceAll('.', '[.]')}$" } # pinned\n`;
  return updater.slice(0, lineEnd) + pin + released;
}
