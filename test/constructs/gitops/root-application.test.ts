import { RootApplication } from '../../../constructs/gitops/root-application';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const { resource } = synthScope(folder, (scope) => {
  new RootApplication(scope, 'root', {
    name: 'threads',
    argocdNamespace: 'argocd',
    namespace: 'threads',
    repository: { url: 'https://example.com/threads.git', branch: 'master', path: 'k8s/threads/overlays/prod' },
  });
});
const manifests = Object.values<Json>(resource.kubernetes_manifest);
const [project, application] = ['AppProject', 'Application'].map((kind) =>
  manifests.find(({ manifest }) => manifest.kind === kind),
);

test('the application prunes and heals, but never empties the namespace', () => {
  expect(application.manifest.spec.syncPolicy.automated).toEqual({ prune: true, selfHeal: true, allowEmpty: false });
});

test('a sync that fails is tried again until it succeeds, each time at the newest revision', () => {
  expect(application.manifest.spec.syncPolicy.retry).toMatchObject({ limit: -1, refresh: true });
});

test('deleting the application leaves what it deployed', () => {
  expect(application.manifest.metadata).toEqual({ name: 'threads', namespace: 'argocd' });
});

test('the application is in a separate AppProject, which is created first', () => {
  expect(application.manifest.spec.project).toBe(project.manifest.metadata.name);
  expect(application.depends_on).toEqual([`kubernetes_manifest.${address()}`]);
});

test('the project allows its own repository and namespace, and no other', () => {
  expect(project.manifest.spec).toMatchObject({
    sourceRepos: ['https://example.com/threads.git'],
    destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'threads' }],
    clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: 'threads' }],
  });
});

function address(): string {
  return Object.entries<Json>(resource.kubernetes_manifest).find(([, one]) => one === project)?.[0] ?? '';
}
