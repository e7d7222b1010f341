import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { UsageError } from '../../errors';
import { parse } from '../documents';
import type { Json } from '../json';
import { known } from './built';
import { type Environment, withOrigin } from './problem';
import { ROOT, readTrees } from './sources';

export { parse };

/** Renders a folder such as `k8s/techtorque/overlays/dev` with kustomize, once for what its files hold. */
export function render(folder: string, root = ROOT): string {
  return known(root, folder, () => build(folder, root));
}

function build(folder: string, root: string): string {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(root, folder)], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  const reason = stderr?.trim().replaceAll(`${root}/`, '') || 'kubectl is not installed';
  throw new UsageError(
    `${folder}/kustomization.yaml: kustomize could not build it: ${reason}; correct the file that it names`,
  );
}

/** The objects of an environment, new ones at each call, each with the overlay that it is from. */
export function objectsOf({ platform, overlays, root }: Environment): Json[] {
  return overlays.flatMap((overlay) => {
    const folder = `k8s/${platform}/${overlay}`;
    return parse(render(folder, root)).map((object) => withOrigin(object, folder));
  });
}

type Source = { readonly file: string; readonly kind: string; readonly name: string };

const sources = new Map<string, readonly Source[]>();

function sourcesIn(root: string): readonly Source[] {
  const known = sources.get(root);
  if (known) return known;
  const read = [...readTrees(root)]
    .filter(([file]) => /\.[a-z]+\.yaml$/.test(file))
    .flatMap(([file, text]) => parse(text).map((one) => ({ file, kind: one.kind, name: one.metadata?.name })));
  sources.set(root, read);
  return read;
}

/** The source file of an object, nearest to its overlay; the overlay's kustomization if a generator created the object. */
export function fileOf({ kind, metadata }: Json, overlay: string, root: string): string {
  const platform = overlay.split('/').slice(0, 2).join('/');
  const isSame = (one: { kind: string; name: string }) =>
    one.kind === kind && (one.name === metadata.name || kind === 'Namespace');
  const found = sourcesIn(root)
    .filter(isSame)
    .map(({ file }) => file);
  const near = found.filter((file) => file.startsWith(`${platform}/`));
  const nearest =
    near.find((file) => file.startsWith(`${overlay}/`)) ??
    near[0] ??
    found.find((file) => file.includes('/components/'));
  return nearest ?? `${overlay}/kustomization.yaml`;
}
