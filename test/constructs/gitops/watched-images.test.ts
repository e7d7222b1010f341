import { WatchedImages } from '../../../constructs/gitops/watched-images';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const { resource } = synthScope(temporaryFolder(), (scope) => {
  const repository = { url: 'https://example.com/web.git', branch: 'main', path: 'k8s/web/overlays/qa' };
  new WatchedImages(scope, 'watched', { name: 'web', argocdNamespace: 'argocd', repository });
});
const [project, application] = ['AppProject', 'Application'].map((kind) =>
  Object.values<Json>(resource.kubernetes_manifest).find(({ manifest }) => manifest.kind === kind),
);

test('Git may write an ImageUpdater next to Argo CD, and nothing else', () => {
  expect(project.manifest.spec).toMatchObject({
    sourceRepos: ['https://example.com/web.git'],
    destinations: [{ namespace: 'argocd' }],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: [{ group: 'argocd-image-updater.argoproj.io', kind: 'ImageUpdater' }],
  });
});

test('the Application is in that project, and follows its folder in the same branch', () => {
  expect(application.manifest.spec).toMatchObject({
    project: project.manifest.metadata.name,
    source: { targetRevision: 'main', path: 'k8s/web/overlays/qa/image-updater' },
    destination: { namespace: 'argocd' },
  });
});

test('it takes its objects along, before the controller that would have to let them go', () => {
  expect(application.manifest.metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io/background']);
});
