import { isMap, isScalar, isSeq, type Pair, parse, parseDocument, type Scalar, visit, type YAMLMap } from 'yaml';
import { UsageError } from '../errors';

/** The tag that an image is to have. */
export interface ImageTag {
  /** Name of the image as manifests have it: `name` of its entry. */
  readonly image: string;
  readonly tag: string;
  /** `sha256:...`. Needed where the entry has a digest, which would win over the tag. */
  readonly digest?: string;
}

/** What an entry of `images` says. */
export type ImageEntry = Pick<ImageTag, 'digest'> & { readonly tag?: string };

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Reads the entry of an image in a kustomization. @throws {UsageError} when there is none, or more than one */
export function readImage(kustomization: string, image: string): ImageEntry {
  entryOf(parsed(kustomization), image);
  // Every value as a string: to other schemas a tag such as 0000000 is a number.
  const { images } = parse(kustomization, { schema: 'failsafe', merge: true }) as { images: Record<string, string>[] };
  const { newTag, digest } = images.find(({ name }) => name === image) ?? {};
  return { tag: newTag || undefined, digest: digest || undefined };
}

/**
 * Sets tags in a kustomization, as `kustomize edit set image NAME=*:TAG` would, and changes no other byte: comments, order,
 * quotes and line ends stay.
 *
 * @throws {UsageError} when an image has no entry, or one that cannot be changed without changing something else
 */
export function setImages(kustomization: string, changes: readonly ImageTag[]): string {
  const document = parsed(kustomization);
  const edits = changes.flatMap(({ image, tag, digest }) => {
    const entry = entryOf(document, image);
    const tagEdit = entry.has('newTag')
      ? replaceValue(kustomization, entry, 'newTag', tag, image)
      : insertTag(kustomization, entry, tag);
    if (!entry.has('digest')) return [tagEdit];
    if (digest) return [tagEdit, replaceValue(kustomization, entry, 'digest', digest, image)];
    throw new UsageError(
      `the entry of image ${image} has a digest, which overrides any tag; give the digest of the new image, or remove it`,
    );
  });
  refuseSharedAnchors(document, edits);
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((before, { start, end, text: next }) => before.slice(0, start) + next + before.slice(end), kustomization);
}

function parsed(kustomization: string) {
  const document = parseDocument(kustomization, { merge: true });
  const [error] = document.errors;
  if (error) throw new UsageError(`the kustomization is not valid YAML: ${error.message}`);
  return document;
}

function entryOf(document: ReturnType<typeof parsed>, image: string): YAMLMap {
  const images = document.get('images');
  const items = isSeq(images) ? images.items : [];
  const found = items.filter((item): item is YAMLMap => isMap(item) && item.get('name') === image);
  if (found.length === 1 && found[0]) return found[0];
  const names = items.flatMap((item) => (isMap(item) ? [String(item.get('name'))] : []));
  throw new UsageError(
    found.length === 0
      ? `the kustomization has no entry for image ${image} in images; expected one of ${names.join(', ') || 'none'}`
      : `the kustomization has ${found.length} entries for image ${image} in images; keep one`,
  );
}

function replaceValue(source: string, entry: YAMLMap, key: string, value: string, image: string): Edit {
  const pair = entry.items.find((item) => isScalar(item.key) && item.key.value === key) as
    | Pair<Scalar, Scalar>
    | undefined;
  const node = pair?.value;
  const [start, end] = node?.range ?? [0, 0];
  const old = source.slice(start, end);
  if (/^["']/.test(old)) return { start: start + 1, end: end - 1, text: value };
  if (start < end && /^[^|>\s][^\s]*$/.test(old)) return { start, end, text: plain(value) };
  throw new UsageError(`${key} of image ${image} is not on one line; write it as ${key}: "${value}"`);
}

function insertTag(source: string, entry: YAMLMap, tag: string): Edit {
  const name = entry.items.find((item) => isScalar(item.key) && item.key.value === 'name') as Pair<Scalar, Scalar>;
  const end = name.value?.range?.[1] ?? 0;
  if (entry.flow) return { start: end, end, text: `, newTag: ${plain(tag)}` };
  const keyStart = name.key.range?.[0] ?? 0;
  const indent = ' '.repeat(keyStart - (source.lastIndexOf('\n', keyStart - 1) + 1));
  const [, line = '', newline = ''] = /^([^\r\n]*)(\r?\n|$)/.exec(source.slice(end)) ?? [];
  const at = end + line.length;
  return { start: at, end: at, text: `${newline || '\n'}${indent}newTag: ${plain(tag)}` };
}

/** Quotes a tag that YAML would read as a number (`1234567`, `12e4567`). */
function plain(value: string): string {
  const isText = (['1.1', 'core'] as const).every((schema) => {
    const read: unknown = schema === 'core' ? parse(value) : parse(value, { version: '1.1' });
    return read === value;
  });
  return isText ? value : `"${value}"`;
}

/** Changing a value with an anchor would change every alias. */
function refuseSharedAnchors(document: ReturnType<typeof parsed>, edits: readonly Edit[]): void {
  const changed = (position = -1) => edits.some(({ start, end }) => start <= position && position <= end);
  visit(document, {
    Alias: (_, alias) => {
      const source = alias.resolve(document);
      if (!source?.range || !changed(source.range[0]) || changed(alias.range?.[0])) return;
      throw new UsageError(
        `anchor "&${alias.source}" is on the value to change, and "*${alias.source}" repeats it elsewhere; write both tags in full`,
      );
    },
  });
}
