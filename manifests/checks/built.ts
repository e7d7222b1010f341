import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './sources';

/** What kustomize has built, by a digest of all that it read. Every command and test needs the same trees. */
const CACHE = join(ROOT, 'node_modules/.cache/strata/kustomize');

/** Days after which an unused build is removed. */
const KEPT_DAYS = 7;

const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The build of a folder: the one that is known for what its files hold now, or the one that `build` makes. */
export function known(root: string, folder: string, build: () => string): string {
  const file = join(CACHE, `${digestOf(root, folder)}.yaml`);
  if (existsSync(file)) {
    utimesSync(file, new Date(), new Date());
    return readFileSync(file, 'utf8');
  }
  const text = build();
  mkdirSync(CACHE, { recursive: true });
  forgetOld();
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
  return text;
}

/** A digest of kustomize and of all that it reads to build a folder. */
function digestOf(root: string, folder: string): string {
  const hash = createHash('sha256').update(kubectl());
  for (const [file, text] of filesOf(root, folder)) hash.update(`${file}\0${text}\0`);
  return hash.digest('hex').slice(0, 32);
}

/** Every file that kustomize reads to build a folder, by its path from the root. Some that it does not read may be among them. */
export function filesOf(root: string, folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const visit = (path: string): void => {
    const name = relative(root, path);
    if (files.has(name) || !existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const kustomization of KUSTOMIZATIONS) visit(join(path, kustomization));
      return;
    }
    const text = readFileSync(path, 'utf8');
    files.set(name, text);
    if (!KUSTOMIZATIONS.includes(basename(path))) return;
    for (const named of namesIn(text)) visit(join(dirname(path), named));
  };
  visit(join(root, folder));
  return files;
}

const names = new Map<string, readonly string[]>();

/** Every text in a kustomization that may be a path; of a generator's `KEY=FILE`, the file. */
function namesIn(kustomization: string): readonly string[] {
  const before = names.get(kustomization);
  if (before) return before;
  const texts = (value: unknown): string[] => {
    if (typeof value === 'string') return value.includes('\n') ? [] : [value, value.slice(value.indexOf('=') + 1)];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
  };
  // One that is no YAML is refused by kustomize, and nothing is kept.
  const found = parseAllDocuments(kustomization).flatMap((document) =>
    texts(document.errors.length ? [] : document.toJS()),
  );
  names.set(kustomization, found);
  return found;
}

/** Which kubectl is installed, without running it. */
function kubectl(): string {
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((one) => existsSync(join(one, 'kubectl')));
  if (folder === undefined) return '';
  const { size, mtimeMs } = statSync(join(folder, 'kubectl'));
  return `${size} ${mtimeMs}`;
}

let isTidy = false;

function forgetOld(): void {
  if (isTidy) return;
  isTidy = true;
  const limit = Date.now() - KEPT_DAYS * 24 * 3600_000;
  for (const name of readdirSync(CACHE)) {
    const file = join(CACHE, name);
    if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? limit) < limit) {
      rmSync(file, { recursive: true, force: true });
    }
  }
}
