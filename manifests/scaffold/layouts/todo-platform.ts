import { imageRepository } from '../../../platforms/schema/define-platform';
import { repositoryOf } from '../../../platforms/schema/environment';
import { indented, networkPolicyOf, probes, type ServiceManifest, serviceOf } from '../manifests';
import { insertItem } from '../yaml-list';
import { callers, type Layout, type NewService } from './layout';

const label = 'app';

const folderOf = ({ platform }: Pick<NewService, 'platform'>, name: string) =>
  `k8s/${platform.name}/applications/${name}`;

/** todo-platform: a folder of its own and an Argo CD Application that follows it. */
export const todoPlatform: Layout = {
  manifest,
  entry: ({ image, port }) => ({ image, port }),
  overlay: (service, env) => `${folderOf(service, service.name)}/overlays/${env}/kustomization.yaml`,
  write: (tree, service) => {
    const { platform, name, neighbour } = service;
    const base = `${folderOf(service, name)}/base`;
    const kinds = ['networkpolicy', 'service', 'deployment'];
    tree.create(`${base}/${name}.networkpolicy.yaml`, networkPolicyOf(manifest(service)));
    tree.create(`${base}/${name}.service.yaml`, serviceOf(manifest(service)));
    tree.create(`${base}/${name}.deployment.yaml`, deployment(service));
    tree.create(
      `${base}/kustomization.yaml`,
      `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

resources:
${indented(
  kinds.map((kind) => `- ${name}.${kind}.yaml`),
  2,
)}
components:
  - ../../../../components/service
`,
    );
    const applications = `k8s/${platform.name}/argocd-apps/base`;
    const followed = `overlays/${Object.keys(platform.environments)[0]}`;
    tree.create(
      `${applications}/${name}.application.yaml`,
      application(service, `${folderOf(service, name)}/${followed}`),
    );
    tree.edit(`${applications}/kustomization.yaml`, (text) =>
      insertItem(text, ['resources'], `${name}.application.yaml`, { beside: `${neighbour.beside}.application.yaml` }),
    );
  },
  writeOverlay: (tree, service, env) => {
    const { platform, name, image, neighbour } = service;
    const from = `${folderOf(service, neighbour.beside)}/overlays/${env}`;
    const provider = /^ +provider: (\S+)$/m.exec(tree.read(`${from}/kustomization.yaml`))?.[1];
    const folder = `${folderOf(service, name)}/overlays/${env}`;
    const isSmall = platform.environments[env]?.state?.kind === 'local';
    tree.create(
      `${folder}/kustomization.yaml`,
      `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

namespace: ${platform.namespace}

resources:
  - ../../base

labels:
  - pairs:
      environment: ${env}
      provider: ${provider}
    includeTemplates: true

# The one place of the tag.
images:
  - name: ${imageRepository(platform, image)}
    newTag: TAG

patches:
  - path: resources.yaml
`,
    );
    tree.create(
      `${folder}/resources.yaml`,
      `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: app
          resources:
            requests: ${isSmall ? '{ cpu: 10m, memory: 32Mi }' : '{ cpu: 50m, memory: 64Mi }'}
            limits: { memory: ${isSmall ? '128Mi' : '256Mi'} }
`,
    );
  },
  next: callers(label),
};

function manifest({ name, port }: NewService): ServiceManifest {
  return { name, port, label };
}

function application({ platform, name }: NewService, path: string): string {
  const { url, branch } = repositoryOf(platform, Object.keys(platform.environments)[0] ?? '');
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
  annotations:
    argocd.argoproj.io/sync-wave: "1"
spec:
  project: ${platform.name}-applications
  source:
    repoURL: ${url}
    targetRevision: ${branch}
    path: ${path}
  destination:
    server: https://kubernetes.default.svc
    namespace: ${platform.namespace}
`;
}

function deployment({ platform, name, image, port, database, health = '/health' }: NewService): string {
  const env = [
    'env:',
    `  - { name: PORT, value: "${port}" }`,
    ...(database
      ? [
          '  # CloudNativePG makes this Secret for the owner of the database.',
          '  - name: DATABASE_URL',
          '    valueFrom:',
          '      secretKeyRef: { name: todo-db-app, key: uri }',
        ]
      : []),
  ];
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app: ${name}
    app.kubernetes.io/name: ${name}
spec:
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
        app.kubernetes.io/name: ${name}
${database ? '        postgres/role: client\n' : ''}    spec:
      containers:
        - name: app
          image: ${imageRepository(platform, image)}
          ports:
            - { name: http, containerPort: ${port} }
${indented([...env, ...probes(health)], 10)}`;
}
