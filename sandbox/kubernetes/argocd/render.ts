import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { QUIET_GIT, run } from '../../git/git';
import type { GitRemotes } from '../../git/remotes';
import type { KubernetesObject } from '../../world';
import { type HelmSource, renderHelm } from './helm';

/** A source of an Application, as far as the sandbox builds it. */
export interface ApplicationSource {
  readonly repoURL: string;
  readonly path?: string;
  readonly targetRevision?: string;
  readonly directory?: { readonly recurse?: boolean };
  readonly kustomize?: Readonly<Record<string, unknown>>;
  readonly chart?: string;
  readonly helm?: HelmSource;
}

/** What a source says at one commit. */
export interface Build {
  readonly revision: string;
  readonly sourceType: 'Kustomize' | 'Directory' | 'Helm';
  readonly objects: readonly KubernetesObject[];
}

const KUSTOMIZATION = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Builds kept; the last ones used. */
const KEPT = 40;

/** What a build is for: an Application's name, and the namespace of its destination. */
export interface BuildTarget {
  readonly name: string;
  readonly namespace: string;
}

/**
 * Simulates Argo CD's repo server: builds Application sources with the real kustomize, each commit and path once, and charts by
 * what the sandbox knows of them.
 */
export class RepoServer {
  private readonly builds = new Map<string, Promise<Build>>();

  constructor(private readonly remotes: GitRemotes) {}

  /** The commit that a source points to, or undefined; of a chart, its version. */
  async head(source: ApplicationSource): Promise<string | undefined> {
    if (source.chart) return source.targetRevision ?? '';
    return this.remotes.head(source.repoURL, source.targetRevision || 'HEAD');
  }

  /**
   * Builds a source.
   *
   * @param commit - the commit to build; what the source points to when left out.
   * @throws Error with Argo CD's message: no such repository, revision or path, or kustomize's own refusal.
   */
  async build(source: ApplicationSource, target: BuildTarget, commit?: string): Promise<Build> {
    const revision = commit ?? (await this.head(source));
    if (!source.chart && !this.remotes.resolve(source.repoURL)) {
      throw new Error(`failed to list refs: repository not found: ${source.repoURL} (not seeded in the sandbox)`);
    }
    if (revision === undefined)
      throw new Error(`unable to resolve '${source.targetRevision || 'HEAD'}' to a commit SHA`);
    const key = createHash('sha256')
      .update(JSON.stringify([revision, source, source.chart && target]))
      .digest('hex');
    const known = this.builds.get(key) ?? this.make(source, target, revision);
    this.builds.delete(key);
    this.builds.set(key, known);
    for (const oldest of [...this.builds.keys()].slice(0, -KEPT)) this.builds.delete(oldest);
    return known;
  }

  private async make(source: ApplicationSource, target: BuildTarget, revision: string): Promise<Build> {
    const { chart } = source;
    if (chart) return { revision, sourceType: 'Helm', objects: renderHelm({ ...source, chart }, target) };
    if (source.helm) throw new Error('the sandbox builds charts of a repository, not those in Git');
    const { images, ...unread } = source.kustomize ?? {};
    if (Object.keys(unread).length) {
      throw new Error(`the sandbox simulates only source.kustomize.images, got: ${Object.keys(unread).join(', ')}`);
    }
    const root = await this.remotes.checkout(source.repoURL, revision);
    const path = source.path || '.';
    const folder = join(root, path);
    if (relative(root, folder).startsWith('..') || !existsSync(folder))
      throw new Error(`${path}: app path does not exist`);
    const isKustomize = KUSTOMIZATION.some((name) => existsSync(join(folder, name)));
    const text = isKustomize
      ? await this.kustomize(root, path)
      : readFolder(folder, source.directory?.recurse ?? false);
    const objects = parse(text);
    for (const image of (images as string[] | undefined) ?? []) setImage(objects, image);
    return { revision, sourceType: isKustomize ? 'Kustomize' : 'Directory', objects };
  }

  /** Runs `kubectl kustomize`. A remote base is taken from the local remotes or not at all. */
  private async kustomize(root: string, path: string): Promise<string> {
    const config = this.remotes.file('gitconfig');
    writeFileSync(config, this.remotes.gitConfig());
    const proxy = 'http://127.0.0.1:9';
    const env = { ...QUIET_GIT, GIT_CONFIG_GLOBAL: config, HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy };
    return run('kubectl', ['kustomize', join(root, path)], { env }).catch((error: Error) => {
      // kubectl puts the time and its process into the message; a status must not change while nothing else does.
      const reason = /err="(.*)"$/s.exec(error.message)?.[1] ?? error.message.replace(/^.*?: /s, '');
      const shown = reason.replaceAll(root, '<path to cached source>');
      throw new Error(`\`kustomize build ${path}\` failed: ${shown}`);
    });
  }
}

function readFolder(folder: string, recurse: boolean): string {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return recurse ? readFolder(path, true) : '';
      return /\.(ya?ml|json)$/.test(entry.name) ? `---\n${readFileSync(path, 'utf8')}\n` : '';
    })
    .join('');
}

/** Objects of a stream of YAML documents; lists are taken apart. */
function parse(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`failed to unmarshal manifest: ${error.message}`);
    const object = document.toJS() as KubernetesObject | null;
    if (!object) return [];
    if (object.kind === 'List') return object['items'] as KubernetesObject[];
    if (!object.kind || !object.apiVersion || !object.metadata?.name) {
      throw new Error(`failed to unmarshal manifest: not a Kubernetes object: ${JSON.stringify(object).slice(0, 80)}`);
    }
    return [object];
  });
}

/** Puts `[NAME=]IMAGE[:TAG|@DIGEST]` into all containers that use NAME, as `kustomize edit set image` does. */
function setImage(value: unknown, override: string): void {
  const [alias, given] = override.includes('=') ? override.split('=') : [undefined, override];
  const match = /^(.+?)(:[^/@:]+|@.+)?$/.exec(given ?? '');
  const name = alias ?? match?.[1];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { image } = node as { image?: unknown };
    if (typeof image === 'string' && image.replace(/(:[^/@:]+|@.+)$/, '') === name) {
      (node as { image: string }).image = `${match?.[1]}${match?.[2] ?? image.slice(name.length)}`;
    }
    Object.values(node).forEach(visit);
  };
  visit(value);
}
