import { definePlatform, type EnvironmentDescription } from '../schema/define-platform';

/** What the VMs of prod and staging have in common. Staging's is smaller, and its names, addresses and states are separate. */
const vm = {
  spot: true,
  power: { start: '09:00', stop: '21:00', timeZone: 'Asia/Taipei' },
  // One hour after the VM has stopped, when nothing writes to the disk.
  snapshots: { at: '14:00', keepDays: 14 },
  // SHA-256 of the binary for amd64, as github.com/johbo/k0s-nix pins it and others have it from GitHub's release API. It was not
  // downloaded here: compare it with sha256sums.txt of the release. Upgrade one minor version at a time.
  k0s: {
    version: 'v1.36.4+k0s.1',
    sha256: '18c304d53cdd70095e99c6b859b269b4fef0bb84579d7e7185271a9135694a31',
  },
  // Replace it with your own address. A Slack channel has one too, so that alerts can reach `slack.channel`.
  alertEmail: 'threads-alerts@example.com',
} as const satisfies Partial<EnvironmentDescription['cluster']>;

// k0s tests Debian up to 12 (its hack/ostests), whose regular security support ended in June 2026. It requires nothing of a host
// that Debian 13 lacks: check with `sudo k0s sysinfo` on the VM.
const image = 'projects/debian-cloud/global/images/debian-13-trixie-v20260609';

/** threads: a Next.js front end, a service for recommendations and PostgreSQL, on k0s on one spot VM. */
export default definePlatform({
  name: 'threads',
  google: { project: 'web-service-design', region: 'us-east1', zone: 'us-east1-b' },
  registry: { kind: 'artifact-registry', location: 'us-east1', repository: 'threads', owner: 'prod' },
  tags: 'short-sha',
  repository: {
    url: 'https://github.com/unknowntpo/threads-nextjs.git',
    branch: 'master',
    path: 'k8s/threads/overlays/<env>',
  },
  namespace: 'threads',
  state: { kind: 'gcs', bucket: 'web-service-design-strata-state', prefix: 'threads/<env>/<layer>/state' },
  slack: { channel: '#builds' },
  environments: {
    prod: {
      cluster: {
        kind: 'k0s-vm',
        ...vm,
        machineType: 'e2-standard-2',
        disk: { sizeGb: 50, type: 'pd-balanced', image },
        reclaimPolicy: 'Retain',
        network: { cidr: '10.10.0.0/24', address: '10.10.0.10' },
        tunnelPort: 16_443,
      },
      delivery: { kind: 'ci-commit', lock: true, gate: true },
      exposure: { kind: 'tunnel', service: 'nextjs', hostname: 'threads.example.com' },
      backup: { keepDays: 30 },
    },
    staging: {
      cluster: {
        kind: 'k0s-vm',
        ...vm,
        machineType: 'e2-medium',
        disk: { sizeGb: 30, type: 'pd-balanced', image },
        reclaimPolicy: 'Delete',
        network: { cidr: '10.20.0.0/24', address: '10.20.0.10' },
        tunnelPort: 16_444,
      },
      delivery: { kind: 'image-updater', lock: false, gate: false },
    },
    local: {
      cluster: { kind: 'kubeconfig', context: 'kind-threads', architecture: 'amd64', storageClass: 'standard' },
      delivery: { kind: 'ci-commit', lock: false, gate: false },
      exposure: { kind: 'node-port', service: 'nextjs' },
      secrets: [],
      state: { kind: 'local' },
    },
  },
  services: {
    nextjs: { image: 'nextjs', port: 3000, nodePort: 30_000 },
    'ml-service': { image: 'ml-service', port: 8000, build: { context: 'ml-service' } },
    postgres: {
      image: 'docker.io/library/postgres',
      architectures: ['amd64', 'arm64'],
      port: 5432,
      storage: '10Gi',
    },
  },
  secrets: ['postgres-password'],
});
