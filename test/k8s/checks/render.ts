import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Json } from '../../helpers/synth';
import { type Environment, withOrigin } from './problem';
import { readTrees } from './sources';

const ROOT = join(__dirname, '../../..');
const rendered = new Map<string, string>();

/** What the real kustomize makes of a folder such as `k8s/techtorque/overlays/dev`. Each is built once. */
export function render(folder: string): string {
  const known = rendered.get(folder);
  if (known !== undefined) return known;
  const text = execFileSync('kubectl', ['kustomize', join(ROOT, folder)], { encoding: 'utf8' });
  rendered.set(folder, text);
  return text;
}

/** The objects of an environment, new ones at each call, each with the overlay that it is from. */
export function objectsOf({ platform, overlays }: Environment): Json[] {
  return overlays.flatMap((overlay) => {
    const folder = `k8s/${platform}/${overlay}`;
    return parse(render(folder)).map((object) => withOrigin(object, folder));
  });
}

/** Objects of a stream of YAML documents. */
export function parse(text: string): Json[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

let sources: { readonly file: string; readonly kind: string; readonly name: string }[] | undefined;

/** The file that an object comes from, nearest to its overlay; the overlay's kustomization where a generator made it. */
export function fileOf({ kind, metadata }: Json, overlay: string): string {
  sources ??= [...readTrees()]
    .filter(([file]) => /\.[a-z]+\.yaml$/.test(file))
    .flatMap(([file, text]) => parse(text).map((one) => ({ file, kind: one.kind, name: one.metadata?.name })));
  const platform = overlay.split('/').slice(0, 2).join('/');
  const isSame = (one: { kind: string; name: string }) =>
    one.kind === kind && (one.name === metadata.name || kind === 'Namespace');
  const found = sources.filter(isSame).map(({ file }) => file);
  const near = found.filter((file) => file.startsWith(`${platform}/`));
  const nearest =
    near.find((file) => file.startsWith(`${overlay}/`)) ??
    near[0] ??
    found.find((file) => file.includes('/components/'));
  return nearest ?? `${overlay}/kustomization.yaml`;
}
