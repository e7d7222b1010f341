import { join } from 'node:path/posix';
import { isMap, isScalar, isSeq, parseDocument, type Scalar, stringify } from 'yaml';
import type { ClusterApi } from '../api-server/api';
import type { Application } from '../argocd/application';

/** How an ImageUpdater writes a tag back. */
export interface WriteBack {
  readonly method?: string;
  readonly gitConfig?: { readonly repository?: string; readonly branch?: string; readonly writeBackTarget?: string };
}

/**
 * The file that a tag is written to.
 *
 * @throws Error when the sandbox does not play that way, or the secret to push with is not there.
 */
export function writeBackOf(
  cluster: ClusterApi,
  { spec: { source } }: Application,
  { method = 'argocd', gitConfig = {} }: WriteBack,
): { url: string; branch: string; path: string } {
  const [how, kind, secret] = method.split(':');
  const [target, folder = '.'] = gitConfig.writeBackTarget?.split(':') ?? [];
  if (how !== 'git' || target !== 'kustomization') {
    throw new Error(
      `the sandbox plays method git with writeBackTarget kustomization only, got: ${method}, ${gitConfig.writeBackTarget}`,
    );
  }
  if (kind === 'secret') {
    const [namespace, name = ''] = secret?.split('/') ?? [];
    const data = cluster.get({ group: '', kind: 'Secret', namespace, name })?.['data'] as object | undefined;
    if (!data) throw new Error(`could not get creds for repo: secrets "${name}" not found in namespace ${namespace}`);
    if (!('sshPrivateKey' in data || ('username' in data && 'password' in data))) {
      throw new Error(`invalid secret ${secret}: neither sshPrivateKey nor username and password in it`);
    }
  }
  const url = gitConfig.repository ?? source?.repoURL ?? '';
  const branch = gitConfig.branch ?? source?.targetRevision ?? '';
  const root = folder.startsWith('/') ? folder.slice(1) : join(source?.path ?? '.', folder);
  return { url, branch, path: join(root, 'kustomization.yaml') };
}

/** The tag of an image in the text of a kustomization. @throws Error when none stands there. */
export function tagIn(text: string, image: string): string {
  return String(scalarOf(text, image).value);
}

/** The text of a kustomization with another tag of an image; no other byte changes. */
export function newTag(text: string, image: string, tag: string): string {
  const { range, type } = scalarOf(text, image);
  const [start, end] = range as [number, number, number];
  const quote = type === 'QUOTE_SINGLE' ? "'" : type === 'QUOTE_DOUBLE' ? '"' : '';
  // 1234567 and 12345e7 are numbers to YAML, and a tag is none.
  return text.slice(0, start) + (quote ? quote + tag + quote : stringify(tag).trim()) + text.slice(end);
}

function scalarOf(text: string, image: string): Scalar {
  const images = parseDocument(text).get('images');
  const entry = isSeq(images) && images.items.find((item) => isMap(item) && item.get('name') === image);
  const scalar = isMap(entry) && entry.get('newTag', true);
  if (isScalar(scalar)) return scalar;
  throw new Error(`kustomization.yaml has no newTag for ${image}`);
}
