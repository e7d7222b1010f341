import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { FileProblem } from '../../platforms/schema/trees';
import { parse } from '../documents';
import type { Json } from '../json';

/** The root of this repository. */
export const ROOT = join(__dirname, '../..');

/** Files by their path from the root of the repository. */
export type Files = ReadonlyMap<string, string>;

/** Deprecated fields of kustomize, and their replacements. */
const OLD: Readonly<Record<string, string>> = {
  bases: 'resources',
  commonLabels: 'labels',
  commonAnnotations: 'patches',
  imageTags: 'images',
  patchesJson6902: 'patches',
  patchesStrategicMerge: 'patches',
  vars: 'replacements',
};

/** All files below `k8s`. */
export function readTrees(root = ROOT): Files {
  const walk = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? walk(path) : [path];
    });
  return new Map(walk(join(root, 'k8s')).map((path) => [relative(root, path), readFileSync(path, 'utf8')]));
}

/**
 * Folders in `k8s` that no other kustomization uses: those that are built and applied.
 *
 * @param except - folders that are left out. @default - none
 */
export function leaves(files: Files, except: ReadonlySet<string> = new Set()): string[] {
  const kustomizations = [...files].filter(([path]) => path.endsWith('kustomization.yaml'));
  const used = new Set(
    kustomizations.flatMap(([path, text]) => {
      const { resources = [], components = [] } = parse(text)[0] ?? {};
      return [...resources, ...components].map((one: string) => join(dirname(path), one));
    }),
  );
  return kustomizations
    .filter(([path, text]) => parse(text)[0]?.kind === 'Kustomization' && !used.has(dirname(path)))
    .map(([path]) => dirname(path))
    .filter((folder) => !except.has(folder))
    .sort();
}

/** A kustomization and all files that it uses, itself first. */
export function kustomizationsOf(folder: string, root: string): Json[] {
  const file = join(root, folder, 'kustomization.yaml');
  if (!existsSync(file)) return [];
  const [own] = parse(readFileSync(file, 'utf8'));
  const { resources = [], components = [] } = own;
  return [own, ...[...resources, ...components].flatMap((one: string) => kustomizationsOf(join(folder, one), root))];
}

/** Every file can be read as YAML, and a kustomization is an object. The other checks rely on it. */
export function checkReadable(files: Files): FileProblem[] {
  return [...files]
    .filter(([file]) => file.endsWith('.yaml'))
    .flatMap(([file, text]) => {
      try {
        const isObject = parse(text).every((document) => typeof document === 'object' && !Array.isArray(document));
        if (isObject || !file.endsWith('kustomization.yaml')) return [];
        return [{ file, wrong: 'it is not a kustomization', fix: 'write an object with the field `resources`' }];
      } catch (error) {
        const [reason] = (error as Error).message.split('\n');
        return [{ file, wrong: `it cannot be read: ${reason}`, fix: 'correct the YAML' }];
      }
    });
}

/** Kustomizations use current syntax and existing files; every file is used, and named after its content. */
export function checkFiles(files: Files): FileProblem[] {
  return [...files].flatMap(([file, text]) =>
    file.endsWith('kustomization.yaml') ? checkKustomization(file, text, files) : checkManifest(file, text, files),
  );
}

function checkKustomization(file: string, text: string, files: Files): FileProblem[] {
  const [kustomization = {}] = parse(text);
  const old = Object.keys(OLD).filter((field) => field in kustomization);
  const tags = (kustomization.images ?? [])
    .filter(({ newTag }: Json) => newTag !== undefined)
    .map(({ name }: Json) => name);
  const twice = tags.filter((name: string, index: number) => tags.indexOf(name) !== index);
  const wrongNames = (kustomization.resources ?? [])
    .map((name: string) => join(dirname(file), name))
    .filter((path: string) => files.has(path))
    .flatMap((path: string) => checkName(path, files.get(path) ?? ''));
  return [
    ...old.map((field) => ({ file, wrong: `field "${field}" is deprecated`, fix: `use \`${OLD[field]}\`` })),
    ...twice.map((name: string) => ({ file, wrong: `image "${name}" has two entries`, fix: 'keep one of them' })),
    ...(kustomization.labels ?? [])
      .filter(({ includeSelectors }: Json) => includeSelectors)
      .map(() => ({
        file,
        wrong: '`includeSelectors` is set',
        fix: 'use `includeTemplates`: a selector cannot be changed later',
      })),
    ...wrongNames,
  ];
}

/** `{service}.{kind}.yaml`. */
function checkName(file: string, text: string): FileProblem[] {
  const kind = file.split('/').at(-1)?.split('.')[1];
  return parse(text)
    .filter((document) => document.kind?.toLowerCase() !== kind)
    .map((document) => ({
      file,
      wrong: `contains an object of kind ${document.kind}`,
      fix: `name the file {service}.${document.kind?.toLowerCase()}.yaml`,
    }));
}

/** Files in the trees that no kustomization uses: the pins of tags, and the configuration of a cluster. */
const OTHER_FILES = ['pins.yaml', 'cluster-config.yaml'];

function checkManifest(file: string, text: string, files: Files): FileProblem[] {
  if (OTHER_FILES.includes(basename(file))) return [];
  const kustomization =
    files.get(join(dirname(file), 'kustomization.yaml')) ??
    files.get(join(dirname(file), '../kustomization.yaml')) ??
    '';
  const name = file.split('/').at(-1) ?? '';
  const unused = kustomization.includes(name)
    ? []
    : [{ file, wrong: 'used by no kustomization', fix: 'add it to a kustomization, or delete it' }];
  const tagged = /^\s*(?:- )?image(?:Name)?: *["']?([^\s"']+:[^\s/"']+)/m.exec(text)?.[1];
  if (!file.endsWith('.yaml') || !tagged) return unused;
  return [
    ...unused,
    { file, wrong: `image "${tagged}" has a tag`, fix: 'remove it: the tag is in `images` of the overlay' },
  ];
}
