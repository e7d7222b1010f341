import { imageRepository } from '../../../platforms/schema/define-platform';
import { repositoryOf } from '../../../platforms/schema/environment';
import { indented, networkPolicyOf, probes, type ServiceManifest, serviceOf } from '../manifests';
import { insertItem } from '../yaml-list';
import { callers, type Layout, type NewService } from './layout';

const label = 'app.kubernetes.io/name';

/** threads: manifests of the base, complete in themselves, and its images watched by Image Updater where that delivers. */
export const threads: Layout = {
  manifest,
  entry: ({ image, port }) => ({ image, port }),
  overlay: ({ platform }, env) => `${repositoryOf(platform, env).path}/kustomization.yaml`,
  write: (tree, service) => {
    const { platform, name, neighbour, database } = service;
    const servers = database ? [{ name: 'postgres', port: 5432 }] : [];
    const base = `k8s/${platform.name}/base`;
    tree.create(`${base}/${name}.networkpolicy.yaml`, networkPolicyOf(manifest(service), servers));
    tree.create(`${base}/${name}.service.yaml`, serviceOf(manifest(service)));
    tree.create(`${base}/${name}.deployment.yaml`, deployment(service));
    tree.edit(`${base}/kustomization.yaml`, (text) => {
      const add = (after: string, kind: string, to: string) =>
        insertItem(to, ['resources'], `${name}.${kind}.yaml`, { beside: after });
      const policies = add(`${neighbour.beside}.networkpolicy.yaml`, 'networkpolicy', text);
      return add(`${name}.service.yaml`, 'deployment', add(`${neighbour.beside}.deployment.yaml`, 'service', policies));
    });
    if (database)
      tree.edit(`${base}/postgres.networkpolicy.yaml`, (text) =>
        insertItem(text, ['spec', 'ingress', 0, 'from', 0, 'podSelector', 'matchExpressions', 0, 'values'], name),
      );
  },
  writeOverlay: (tree, { platform, name, image }, env) => {
    const updater = `${repositoryOf(platform, env).path}/image-updater/${platform.name}.imageupdater.yaml`;
    if (!tree.has(updater)) return;
    const repository = imageRepository(platform, image);
    const lines = [
      `alias: ${name}`,
      `imageName: ${repository}`,
      'manifestTargets:',
      `  kustomize: { name: ${repository} }`,
    ];
    tree.edit(updater, (text) => insertItem(text, ['spec', 'applicationRefs', 0, 'images'], lines.join('\n  ')));
  },
  next: callers(label),
};

function manifest({ platform, name, port }: NewService): ServiceManifest {
  return { name, port, label, namespace: platform.namespace, waves: true };
}

function deployment({ platform, name, image, port, database, health }: NewService): string {
  const env = [
    'env:',
    '  - name: POSTGRES_PASSWORD',
    '    valueFrom:',
    '      secretKeyRef: { name: postgres, key: password }',
    `  - { name: DATABASE_URL, value: "postgresql://${platform.name}:$(POSTGRES_PASSWORD)@postgres:5432/${platform.name}" }`,
  ];
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${platform.namespace}
  labels:
    ${label}: ${name}
  annotations:
    argocd.argoproj.io/sync-wave: "1"
spec:
  replicas: 1
  selector:
    matchLabels:
      ${label}: ${name}
  template:
    metadata:
      labels:
        ${label}: ${name}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 1001
        runAsGroup: 1001
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: ${name}
          image: ${imageRepository(platform, image)}
          ports:
            - { name: http, containerPort: ${port} }
${indented([...(database ? env : []), 'volumeMounts:', '  - { name: tmp, mountPath: /tmp }', ...probes(health)], 10)}          resources:
            requests: { cpu: 50m, memory: 64Mi }
            limits: { memory: 256Mi }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
      volumes:
        - name: tmp
          emptyDir: {}
`;
}
