import { environmentOf, imageRepository } from '../schema/define-platform';
import { repositoryOf } from '../schema/environment';
import { allowClients, type Change, type NewService, type Scaffold } from '../schema/scaffold';
import { networkPolicyObject, probes, type ServiceObjects, serviceObject, syncWave } from '../schema/service-objects';

const label = 'app.kubernetes.io/name';

/** threads: complete manifests in the base, and images that Image Updater watches where it delivers. */
export default {
  entry: ({ image, port }) => ({ image, port }),
  overlay: ({ platform }, env) => `${repositoryOf(platform, env).path}/kustomization.yaml`,
  objects,
  service: (service) => {
    const { platform, name, neighbour, database } = service;
    const base = `k8s/${platform.name}/base`;
    const server = { name: 'postgres', port: 5432 };
    const listed = (kind: string, item: string): Change => ({
      file: `${base}/kustomization.yaml`,
      insert: `${name}.${kind}.yaml`,
      into: ['resources'],
      place: { item },
    });
    return [
      {
        file: `${base}/${name}.networkpolicy.yaml`,
        create: networkPolicyObject(objects(service), database ? [server] : []),
      },
      { file: `${base}/${name}.service.yaml`, create: serviceObject(objects(service)) },
      { file: `${base}/${name}.deployment.yaml`, create: deployment(service) },
      listed('networkpolicy', `${neighbour.item}.networkpolicy.yaml`),
      listed('service', `${neighbour.item}.deployment.yaml`),
      listed('deployment', `${name}.service.yaml`),
      ...(database ? [databaseClient(`${base}/postgres.networkpolicy.yaml`, name)] : []),
    ];
  },
  environment: ({ platform, name, image }, env) => {
    if (environmentOf(platform, env).delivery.kind !== 'image-updater') return [];
    const repository = imageRepository(platform, image);
    return [
      {
        file: `${repositoryOf(platform, env).path}/image-updater/${platform.name}.imageupdater.yaml`,
        insert: { alias: name, imageName: repository, manifestTargets: { kustomize: { name: repository } } },
        into: ['spec', 'applicationRefs', 0, 'images'],
      },
    ];
  },
  next: allowClients(label),
} satisfies Scaffold;

function objects({ platform, name, port }: NewService): ServiceObjects {
  return { name, port, label, namespace: platform.namespace, waves: true };
}

/** Adds a service to those that the NetworkPolicy of the database lets in. */
function databaseClient(file: string, name: string): Change {
  return {
    file,
    insert: name,
    into: ['spec', 'ingress', 0, 'from', 0, 'podSelector', 'matchExpressions', 0, 'values'],
  };
}

function deployment({ platform, name, image, port, database, health }: NewService): object {
  const { name: owner, namespace } = platform;
  const env = [
    { name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: 'postgres', key: 'password' } } },
    { name: 'DATABASE_URL', value: `postgresql://${owner}:$(POSTGRES_PASSWORD)@postgres:5432/${owner}` },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { [label]: name }, ...syncWave(1) },
    spec: {
      replicas: 1,
      selector: { matchLabels: { [label]: name } },
      template: {
        metadata: { labels: { [label]: name } },
        spec: {
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1001,
            runAsGroup: 1001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name,
              image: imageRepository(platform, image),
              ports: [{ name: 'http', containerPort: port }],
              ...(database && { env }),
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
              ...probes(health),
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    },
  };
}
