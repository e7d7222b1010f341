import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { kustomize } from '../clients/kubectl';
import { UsageError } from '../errors';
import type { Platform } from '../platforms/schema/define-platform';
import { applicationOf, namespaceOf, repositoryOf } from '../platforms/schema/environment';

/** A folder that Argo CD or CI applies. Its kustomization contains the image tags. */
export interface Overlay {
  /** Its folder in the config repository. */
  readonly path: string;
  /** The Argo CD Application that applies it; undefined if CI does. */
  readonly application: string;
  /** Namespace of its workloads. */
  readonly namespace: string;
  /** Its `images:`, and those of the kustomizations that it builds on. An outer entry of an image overrides inner ones. */
  readonly images: readonly OverlayImage[];
}

/** An entry of `images:`. */
interface OverlayImage {
  /** Repository of the image, with its host. */
  readonly repository: string;
  readonly tag: string;
  /** Folder of the kustomization that the entry is in: the overlay, or one that it builds on. */
  readonly folder: string;
}

interface Application {
  readonly kind?: string;
  readonly metadata?: { readonly name: string };
  readonly spec?: {
    readonly source?: { readonly repoURL?: string; readonly path?: string };
    readonly destination?: { readonly namespace?: string };
  };
}

/**
 * The overlays of an environment: its own, then those of the Applications in it, where its folder holds Applications.
 *
 * @param folder - a checkout of the config repository.
 */
export async function overlaysOf(platform: Platform, env: string, folder: string): Promise<Overlay[]> {
  const { url, path, holds } = repositoryOf(platform, env);
  const root = {
    path,
    application: applicationOf(platform, env),
    namespace: namespaceOf(platform, env),
    images: imagesIn(folder, path),
  };
  if (holds === 'manifests') return [root];
  const documents = parseAllDocuments(await kustomize(join(folder, path)));
  const children = documents.flatMap((document) => {
    const { kind, metadata, spec } = document.toJS() as Application;
    const source = spec?.source;
    if (kind !== 'Application' || !source?.path || source.repoURL !== url) return [];
    if (!existsSync(join(folder, source.path, 'kustomization.yaml'))) return [];
    const namespace = spec?.destination?.namespace ?? root.namespace;
    return [{ path: source.path, application: metadata?.name ?? '', namespace, images: imagesIn(folder, source.path) }];
  });
  return [root, ...children];
}

/** The overlay that holds the tag of an image, and where in it. @throws {UsageError} when none does. */
export function overlayWith(
  overlays: readonly Overlay[],
  repository: string,
): Overlay & Pick<OverlayImage, 'tag' | 'folder'> {
  for (const overlay of overlays) {
    const image = overlay.images.find((one) => one.repository === repository);
    if (image) return { ...overlay, tag: image.tag, folder: image.folder };
  }
  const looked = overlays.map(({ path }) => `${path}/kustomization.yaml`).join(', ');
  throw new UsageError(`no \`images:\` entry for ${repository} in ${looked}; add one with newTag "0000000"`);
}

interface Kustomization {
  readonly images?: readonly { readonly name: string; readonly newName?: string; readonly newTag?: string }[];
  readonly resources?: readonly string[];
}

function imagesIn(root: string, folder: string): OverlayImage[] {
  const file = join(root, folder, 'kustomization.yaml');
  if (!existsSync(file)) return [];
  // Every value as a string: to other schemas a tag such as 0000000 is a number.
  const { images, resources } = parse(readFileSync(file, 'utf8'), { schema: 'failsafe', merge: true }) as Kustomization;
  const all = [
    ...(images ?? []).flatMap(({ name, newName = name, newTag }) =>
      newTag ? [{ repository: newName, tag: newTag, folder }] : [],
    ),
    ...(resources ?? []).flatMap((resource) => imagesIn(root, join(folder, resource))),
  ];
  return all.filter(({ repository }, index) => all.findIndex((one) => one.repository === repository) === index);
}
