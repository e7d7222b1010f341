import { definePlatform } from '../schema';

/** threads: a Next.js front end, a service for recommendations and PostgreSQL, on k0s on one spot VM. */
export default definePlatform({
  name: 'threads',
  google: { project: 'web-service-design', region: 'us-east1', zone: 'us-east1-b' },
  registry: { kind: 'artifact-registry', location: 'us-east1', repository: 'threads' },
  repository: {
    url: 'https://github.com/unknowntpo/threads-nextjs.git',
    branch: 'master',
    path: 'k8s/threads/overlays/<env>',
  },
  namespace: 'threads',
  state: { kind: 'gcs', bucket: 'web-service-design-strata-state', prefix: 'threads/<env>/<layer>/state' },
  environments: {
    prod: {
      cluster: {
        kind: 'k0s-vm',
        machineType: 'e2-standard-2',
        spot: true,
        disk: {
          sizeGb: 50,
          type: 'pd-balanced',
          image: 'projects/debian-cloud/global/images/debian-13-trixie-v20260609',
        },
        k0s: {
          version: 'v1.34.4+k0s.0',
          sha256: '69ee4856d5b85eeb633da200b8140101154c03c0c971db168a3292c8867301c1',
        },
        network: { cidr: '10.10.0.0/24', address: '10.10.0.10' },
        tunnelPort: 16_443,
      },
    },
  },
  services: {
    nextjs: { image: 'nextjs', port: 3000, nodePort: 30_000 },
    'ml-service': { image: 'ml-service', port: 8000 },
    postgres: { image: 'postgres', port: 5432, storage: '10Gi' },
  },
  secrets: ['postgres-password'],
});
