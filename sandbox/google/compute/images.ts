import { ProviderError } from '../../protocol/behaviour';
import images from '../images.json';

/** What an image has. */
export interface Image {
  readonly sizeGb: number;
  readonly architecture: 'X86_64' | 'ARM64';
}

/** Families of public images, by project. Source: Compute Engine, operating system details. */
const FAMILIES = images as Readonly<Record<string, Readonly<Record<string, Image>>>>;

/** Names of images whose family is not the beginning of it. */
const FAMILY_OF: readonly (readonly [image: RegExp, family: string])[] = [
  [/^debian-(\d+)-[a-z]+(-arm64)?-v\d{8}$/, 'debian-$1$2'],
  [/^ubuntu-(minimal-)?(22\d\d)-[a-z]+(-arm64)?-v\d{8}\w?$/, 'ubuntu-$1$2-lts$3'],
  [/^ubuntu-(minimal-)?(\d\d04)-[a-z]+-(amd64|arm64)-v\d{8}\w?$/, 'ubuntu-$1$2-lts-$3'],
  [/^windows-server-(\d+)-dc(-core)?-v\d{8}$/, 'windows-$1$2'],
  [/^(.+)-v\d{8}\w?$/, '$1'],
];

/**
 * A public image as the provider resolves it: a family or an image, bare, with its project, or by its self link.
 * Undefined when the sandbox does not know it.
 */
export function findImage(reference: string): Image | undefined {
  const parts = reference
    .replace(/^https:\/\/[^/]+\/compute\/v1\//, '')
    .split('/')
    .filter((part) => !['projects', 'global', 'images', 'family'].includes(part));
  const [project, name = ''] = parts.length > 1 ? parts : [undefined, parts[0]];
  const families = project ? [FAMILIES[project]] : Object.values(FAMILIES);
  return families.map((known) => known && inFamilies(known, name)).find(Boolean);
}

/** Refuses an image that the sandbox does not know. @throws ProviderError */
export function refuseUnknownImage(reference: string): void {
  if (findImage(reference)) return;
  throw new ProviderError(
    `the sandbox does not simulate the image "${reference}"`,
    'Either it does not exist, or the sandbox does not know its family yet: then add that to sandbox/google/images.json.',
  );
}

function inFamilies(families: Readonly<Record<string, Image>>, name: string): Image | undefined {
  const candidates = FAMILY_OF.flatMap(([image, family]) => (image.test(name) ? [name.replace(image, family)] : []));
  return [name, ...candidates].map((family) => families[family]).find(Boolean);
}
