import { definePlatform, type EnvironmentDescription } from '../schema/define-platform';

/** CI applies the manifests, if deploy-control.yaml allows it. */
const pushed = {
  delivery: { kind: 'push-apply', lock: false, gate: true },
} as const satisfies Partial<EnvironmentDescription>;

/** Argo CD follows the environment's branch, to which CI commits if deploy-control.yaml allows it. */
const followed = (env: string) =>
  ({
    delivery: { kind: 'ci-commit', lock: false, gate: true },
    application: `postgres-${env}`,
    namespace: `real-estate-${env}`,
    path: `k8s/real-estate/argocd/${env}`,
  }) satisfies Partial<EnvironmentDescription>;

const hetzner = (env: string, machineType: string) =>
  ({
    kind: 'hetzner-k3s',
    name: `hetzner-${env}-cluster`,
    machineType,
  }) satisfies EnvironmentDescription['cluster'];

/** Passwords of the administrator and of each service. Test and prod have more, for monitoring and dumps. */
const passwords = [
  'postgres-sa-password',
  'account-service-db-user-password',
  'messaging-service-db-user-password',
  'property-service-db-user-password',
];

/** real-estate: PostgreSQL with PostGIS for three services, on a cluster of hetzner-k3s for each environment. */
export default definePlatform({
  name: 'real-estate',
  google: { project: 'real-estate-platform', region: 'us-east1', zone: 'us-east1-b' },
  registry: { kind: 'upstream' },
  tags: 'upstream',
  repository: {
    url: 'https://github.com/real-estate-platform/infra.git',
    branch: 'main',
    path: 'k8s/real-estate/hetzner/<env>',
  },
  namespace: 'default',
  slack: { channel: '#builds' },
  state: { kind: 'gcs', bucket: 'real-estate-platform-strata-state', prefix: 'real-estate/<env>/<layer>/state' },
  environments: {
    prod: { cluster: hetzner('prod', 'cpx32'), ...pushed },
    test: { cluster: hetzner('test', 'cpx22'), ...pushed, branch: 'test' },
    dev: { cluster: hetzner('dev', 'cpx22'), ...followed('dev'), branch: 'dev', secrets: passwords },
    local: {
      cluster: { kind: 'kubeconfig', context: 'kind-real-estate', architecture: 'amd64', storageClass: 'local-path' },
      delivery: { kind: 'push-apply', lock: false, gate: false },
      path: 'k8s/real-estate/podman/local',
      secrets: passwords,
      state: { kind: 'local' },
    },
  },
  services: {
    postgres: { image: 'docker.io/postgis/postgis', port: 5432, storage: '10Gi' },
  },
  secrets: [
    ...passwords,
    'alertmanager-slack-token',
    'postgres-exporter-password',
    'object-storage-access-key-id',
    'object-storage-secret-access-key',
  ],
});
