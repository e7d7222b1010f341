import { DeployKey } from '../../../constructs/gitops/deploy-key';
import { charts } from '../../../sandbox/kubernetes/charts/chart';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const synth = (repository: string) => {
  const { resource } = synthScope(folder, (scope) => {
    new DeployKey(scope, 'key', {
      argocdNamespace: 'argocd',
      project: 'web',
      repository,
      secret: { project: 'acme', id: 'web-qa-git-deploy-key' },
    });
  });
  return Object.values<Json>(resource.kubernetes_manifest).map(({ manifest }) => manifest);
};
const [store, secret] = synth('https://github.com/acme/web.git');

test('the key comes from Secret Manager into the namespace of Argo CD, by a store that serves no other', () => {
  expect(store).toMatchObject({ kind: 'SecretStore', metadata: { namespace: 'argocd' } });
  expect(store.spec.provider.gcpsm).toEqual({ projectID: 'acme' });
  expect(secret).toMatchObject({
    kind: 'ExternalSecret',
    metadata: { namespace: 'argocd' },
    spec: {
      secretStoreRef: { kind: 'SecretStore', name: store.metadata.name },
      data: [{ remoteRef: { key: 'web-qa-git-deploy-key' } }],
    },
  });
});

test('it is a repository credential of Argo CD, for one project, that checks the host key', () => {
  const { metadata, data } = secret.spec.target.template;
  expect(metadata.labels).toEqual({ 'argocd.argoproj.io/secret-type': 'repository' });
  expect(data).toEqual({
    type: 'git',
    url: 'git@github.com:acme/web.git',
    project: 'web',
    sshPrivateKey: '{{ .key }}',
  });
  expect(data).not.toHaveProperty('insecure');
});

test.each([
  ['https://github.com/acme/web', 'git@github.com:acme/web.git'],
  ['https://git.example.com/group/team/web.git', 'git@git.example.com:group/team/web.git'],
  ['git@github.com:acme/web.git', 'git@github.com:acme/web.git'],
])('%s is pushed to as %s', (url, ssh) => {
  expect(synth(url)[1].spec.target.template.data.url).toBe(ssh);
});

test("Argo CD's chart knows the host key of github.com", () => {
  const { values } = charts.find(({ name }) => name === 'argo-cd') ?? {};
  const { knownHosts } = (values as Json).configs.ssh;
  expect(knownHosts.split('\n')).toContain(
    'github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
  );
});
