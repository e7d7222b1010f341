import { join } from 'node:path/posix';
import { isMap, isScalar, isSeq, parseDocument, type Scalar, stringify } from 'yaml';
import { messageOf } from '../../errors';
import type { ClusterApi } from '../api-server/api';
import { CONFIG_MAPS, SECRETS } from '../api-server/objects';
import { type Account, assertAllowed } from '../api-server/rbac';
import { refTo } from '../api-server/reference';
import type { Application } from '../argocd/application';

/** How an ImageUpdater writes a tag back. */
export interface WriteBack {
  readonly method?: string;
  readonly gitConfig?: { readonly repository?: string; readonly branch?: string; readonly writeBackTarget?: string };
}

/**
 * The file that a tag is written to.
 *
 * @param account - of Image Updater, which may read Secrets only where a Role lets it.
 * @throws Error when the sandbox does not simulate that way, or there is no credential to push with.
 */
export function writeBackOf(
  cluster: ClusterApi,
  { spec: { source, project } }: Application,
  { method = 'argocd', gitConfig = {} }: WriteBack,
  account: Account,
): { url: string; branch: string; path: string } {
  const [how, creds = 'repocreds', secret = ''] = method.split(':');
  const [target, folder = '.'] = gitConfig.writeBackTarget?.split(':') ?? [];
  if (how !== 'git' || target !== 'kustomization') {
    throw new Error(
      `the sandbox simulates only method git with writeBackTarget kustomization, got: ${method}, ${gitConfig.writeBackTarget}`,
    );
  }
  const url = gitConfig.repository ?? source?.repoURL ?? '';
  try {
    if (creds === 'secret') assertSecret(cluster, account, secret);
    else assertRepository(cluster, account, url, project);
  } catch (error) {
    throw new Error(`could not get creds for repo '${url}': ${messageOf(error)}`);
  }
  const branch = gitConfig.branch ?? source?.targetRevision ?? '';
  const root = folder.startsWith('/') ? folder.slice(1) : join(source?.path ?? '.', folder);
  return { url, branch, path: join(root, 'kustomization.yaml') };
}

/** `git:secret:namespace/name`: any Secret that it may read. The server's host key is not checked then. */
function assertSecret(cluster: ClusterApi, account: Account, secret: string): void {
  const [namespace = '', name = ''] = secret.split('/');
  assertAllowed(cluster, account, { verb: 'get', group: '', resource: 'secrets', namespace, name });
  const data = cluster.get(refTo(SECRETS, name, namespace))?.data;
  if (!data) throw new Error(`secrets "${name}" not found`);
  if (!('sshPrivateKey' in data || ('username' in data && 'password' in data))) {
    throw new Error(`invalid secret ${secret}: neither sshPrivateKey nor username and password in it`);
  }
}

/**
 * `git:repocreds`, the default: the Secret by which Argo CD knows the repository. The server's host key must be one that
 * Argo CD knows. Sources: argocd-image-updater, pkg/argocd/gitcreds.go; argo-cd v3.4.4, util/db/repository_secrets.go.
 */
function assertRepository(cluster: ClusterApi, account: Account, url: string, project: string): void {
  const { namespace } = account;
  for (const resource of ['secrets', 'configmaps'])
    assertAllowed(cluster, account, { verb: 'list', group: '', resource, namespace });
  const repository = cluster
    .list(SECRETS, namespace)
    .filter(({ metadata }) => metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
    .map((object) => decoded(object.data))
    .find((data) => sameUrl(data['url'], url) && (!data['project'] || data['project'] === project));
  if (!repository?.['sshPrivateKey'] && !repository?.['password']) {
    throw new Error(`credentials for '${url}' are not configured in Argo CD settings`);
  }
  const host = /^(?:ssh:\/\/)?[^@/]+@([^:/]+)/.exec(url)?.[1];
  if (!host || repository['insecure'] === 'true') return;
  const name = 'argocd-ssh-known-hosts-cm';
  const known = cluster.get(refTo(CONFIG_MAPS, name, namespace))?.data;
  const isKnown = known?.['ssh_known_hosts']?.split('\n').some((line) => line.split(/[ ,]/).includes(host));
  if (!isKnown) throw new Error(`No ED25519 host key is known for ${host}: Host key verification failed`);
}

function decoded(data: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

function sameUrl(one: string | undefined, other: string): boolean {
  return one?.toLowerCase().replace(/\.git$/, '') === other.toLowerCase().replace(/\.git$/, '');
}

/** The tag of an image in the text of a kustomization. @throws Error when there is none. */
export function tagIn(text: string, image: string): string {
  return String(scalarOf(text, image).value);
}

/** The text of a kustomization with another tag of an image; no other byte changes. */
export function newTag(text: string, image: string, tag: string): string {
  const { range, type } = scalarOf(text, image);
  const [start, end] = range ?? [0, 0];
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
