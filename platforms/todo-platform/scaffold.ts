import { parse } from 'yaml';
import { imageRepository } from '../schema/define-platform';
import { repositoryOf } from '../schema/environment';
import { allowClients, type NewService, type Scaffold } from '../schema/scaffold';
import { networkPolicyObject, probes, type ServiceObjects, serviceObject, syncWave } from '../schema/service-objects';

const label = 'app';

/** todo-platform: a folder for each service, and an Argo CD Application that follows it. */
export default {
  entry: ({ image, port }) => ({ image, port }),
  overlay: ({ platform, name }, env) => `k8s/${platform.name}/${overlayOf(name, env)}/kustomization.yaml`,
  objects,
  service: (service) => {
    const { platform, name, neighbour } = service;
    const base = `k8s/${platform.name}/applications/${name}/base`;
    const applications = `k8s/${platform.name}/argocd-apps/base`;
    return [
      { file: `${base}/${name}.networkpolicy.yaml`, create: networkPolicyObject(objects(service)) },
      { file: `${base}/${name}.service.yaml`, create: serviceObject(objects(service)) },
      { file: `${base}/${name}.deployment.yaml`, create: deployment(service) },
      {
        file: `${base}/kustomization.yaml`,
        create: kustomization({
          resources: ['networkpolicy', 'service', 'deployment'].map((kind) => `${name}.${kind}.yaml`),
          components: ['../../../../components/service'],
        }),
      },
      { file: `${applications}/${name}.application.yaml`, create: application(service) },
      {
        file: `${applications}/kustomization.yaml`,
        insert: `${name}.application.yaml`,
        into: ['resources'],
        place: { item: `${neighbour.item}.application.yaml` },
      },
    ];
  },
  environment: ({ platform, name, image, neighbour }, env, tag, tree) => {
    const folder = `k8s/${platform.name}/${overlayOf(name, env)}`;
    const { labels } = parse(tree.read(`${overlayOf(neighbour.item, env)}/kustomization.yaml`)) as {
      labels: { pairs: { provider: string } }[];
    };
    return [
      {
        file: `${folder}/kustomization.yaml`,
        create: kustomization({
          namespace: platform.namespace,
          resources: ['../../base'],
          labels: [{ pairs: { environment: env, provider: labels[0]?.pairs.provider }, includeTemplates: true }],
          images: [{ name: imageRepository(platform, image), newTag: tag }],
          patches: [{ path: 'resources.yaml' }],
        }),
      },
      {
        file: `${folder}/resources.yaml`,
        create: resources(name, platform.environments[env]?.state?.kind === 'local'),
      },
    ];
  },
  next: allowClients(label),
} satisfies Scaffold;

/** The overlay of a service in an environment, relative to the platform's tree. */
function overlayOf(name: string, env: string): string {
  return `applications/${name}/overlays/${env}`;
}

function objects({ name, port }: NewService): ServiceObjects {
  return { name, port, label };
}

function kustomization(fields: object): object {
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields };
}

/** The Application follows an overlay whose environment, `env`, each environment replaces by its own name. */
function application({ platform, name }: NewService): object {
  const [env = ''] = Object.keys(platform.environments);
  const { url, branch } = repositoryOf(platform, env);
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, ...syncWave(1) },
    spec: {
      project: `${platform.name}-applications`,
      source: { repoURL: url, targetRevision: branch, path: `k8s/${platform.name}/${overlayOf(name, 'env')}` },
      destination: { server: 'https://kubernetes.default.svc', namespace: platform.namespace },
    },
  };
}

function resources(name: string, isSmall: boolean): object {
  const requests = isSmall ? { cpu: '10m', memory: '32Mi' } : { cpu: '50m', memory: '64Mi' };
  const container = { name: 'app', resources: { requests, limits: { memory: isSmall ? '128Mi' : '256Mi' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 1, template: { spec: { containers: [container] } } },
  };
}

function deployment({ platform, name, image, port, database, health = '/health' }: NewService): object {
  // CloudNativePG creates this Secret for the owner of the database.
  const url = { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'todo-db-app', key: 'uri' } } };
  const labels = { app: name, 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { ...labels, ...(database && { 'postgres/role': 'client' }) } },
        spec: {
          containers: [
            {
              name: 'app',
              image: imageRepository(platform, image),
              ports: [{ name: 'http', containerPort: port }],
              env: [{ name: 'PORT', value: String(port) }, ...(database ? [url] : [])],
              ...probes(health),
            },
          ],
        },
      },
    },
  };
}
