import type { GitRemotes } from '../../git/remotes';
import type { ClusterApi } from '../api-server/api';
import { SECRETS } from '../api-server/objects';
import type { Application } from './application';

/** Refuses to compare an Application whose repository is private while no credential next to it is for that very URL. */
export function refuseUnreadable(cluster: ClusterApi, app: Application, remotes: GitRemotes): void {
  const { source, project } = app.spec;
  const url = source?.repoURL ?? '';
  if (source?.chart || !remotes.isPrivate(url)) return;
  const isCredential = cluster.list(SECRETS, app.metadata.namespace).some((secret) => {
    const data = secret.data ?? {};
    const value = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString();
    return (
      secret.metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository' &&
      value('url') === url &&
      [project, ''].includes(value('project')) &&
      value('sshPrivateKey') + value('password') !== ''
    );
  });
  if (isCredential) return;
  const why = url.startsWith('https:')
    ? 'authentication required: Repository not found.'
    : 'error creating SSH agent: "SSH agent requested but SSH_AUTH_SOCK not-specified"';
  throw new Error(`Failed to load target state: failed to list refs: ${why}`);
}
