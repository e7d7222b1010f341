import { environmentOf } from '../../../platforms/schema/define-platform';
import { projectOf, stateOf } from '../../../platforms/schema/environment';
import { type Check, type Family, ok, unchecked, wrong } from '../check';
import type { Surroundings } from '../surroundings';

/** Roots of the APIs, and the variables that name others. */
const ROOTS = {
  serviceUsage: ['STRATA_SERVICE_USAGE_ENDPOINT', 'https://serviceusage.googleapis.com/'],
  resourceManager: ['STRATA_RESOURCE_MANAGER_ENDPOINT', 'https://cloudresourcemanager.googleapis.com/'],
  storage: ['STRATA_STORAGE_ENDPOINT', 'https://storage.googleapis.com/'],
} as const;

/** Most services in one call of `batchGet`. Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchGet */
const BATCH = 30;

/** Permissions of a person, and the role in README that has each. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  'compute.instances.get': 'roles/compute.viewer',
  'iap.tunnelInstances.accessViaIAP': 'roles/iap.tunnelResourceAccessor',
  'compute.instances.osAdminLogin': 'roles/compute.osAdminLogin',
  'secretmanager.versions.add': 'roles/secretmanager.admin',
  'compute.disks.createSnapshot': 'roles/compute.storageAdmin',
};

/** Permissions on the state bucket. */
const ON_THE_BUCKET = [
  'storage.objects.create',
  'storage.objects.delete',
  'storage.objects.get',
  'storage.objects.list',
];

const services: Check = {
  name: 'services',
  look: async (at) => {
    if (at.services.length === 0) return unchecked('no layer of this environment enables services');
    const project = projectOf(at.platform);
    const disabled: string[] = [];
    for (let start = 0; start < at.services.length; start += BATCH) {
      const query = at.services.slice(start, start + BATCH).map((name) => `names=projects/${project}/services/${name}`);
      const url = address(at, 'serviceUsage', `v1/projects/${project}/services:batchGet?${query.join('&')}`);
      const { services: found = [] } = await at.google<{ services?: { name: string; state: string }[] }>(url);
      disabled.push(
        ...found.filter(({ state }) => state !== 'ENABLED').map(({ name }) => name.split('/').at(-1) ?? ''),
      );
    }
    return disabled.length === 0
      ? ok(`${at.services.length} enabled`)
      : wrong(
          `not enabled in project ${project}: ${disabled.join(', ')}`,
          `gcloud services enable --project ${project} ${disabled.join(' ')}`,
        );
  },
};

const permissions: Check = {
  name: 'permissions',
  look: async (at) => {
    if (!isVm(at)) return unchecked('the cluster is not a VM of this project');
    const project = projectOf(at.platform);
    const url = address(at, 'resourceManager', `v1/projects/${project}:testIamPermissions`);
    const wanted = Object.keys(PERMISSIONS);
    const { permissions: granted = [] } = await at.google<{ permissions?: string[] }>(url, { permissions: wanted });
    const missing = wanted.filter((permission) => !granted.includes(permission));
    if (missing.length === 0) return ok(`${wanted.length} granted`);
    const roles = [...new Set(missing.map((permission) => PERMISSIONS[permission] ?? ''))];
    return wrong(
      `you lack ${missing.join(', ')} in project ${project}`,
      `ask an owner of the project for ${roles.join(', ')}`,
    );
  },
};

interface BucketJson {
  readonly versioning?: { readonly enabled?: boolean };
  readonly retentionPolicy?: { readonly retentionPeriod?: string };
  readonly iamConfiguration?: {
    readonly publicAccessPrevention?: string;
    readonly uniformBucketLevelAccess?: { readonly enabled?: boolean };
  };
}

const bucket = (name: string, look: (bucket: BucketJson, name: string) => ReturnType<Check['look']>): Check => ({
  name,
  look: async (at) => {
    const state = stateOf(at.platform, at.env);
    if (state.kind !== 'gcs') return unchecked('the states of this environment are on this machine');
    return look(await at.google<BucketJson>(bucketAddress(at, state.bucket)), state.bucket);
  },
});

const versioning = bucket('bucket versions', ({ versioning: kept }, name) =>
  kept?.enabled
    ? ok('kept')
    : wrong(
        `bucket ${name} keeps no versions: a broken state could not be restored`,
        `gcloud storage buckets update gs://${name} --versioning`,
      ),
);

const publicAccess = bucket('bucket access', ({ iamConfiguration }, name) =>
  iamConfiguration?.publicAccessPrevention === 'enforced' && iamConfiguration.uniformBucketLevelAccess?.enabled
    ? ok('private')
    : wrong(
        `bucket ${name} can be made public, and states hold secrets`,
        `gcloud storage buckets update gs://${name} --public-access-prevention --uniform-bucket-level-access`,
      ),
);

const retention = bucket('bucket retention', ({ retentionPolicy }, name) =>
  retentionPolicy === undefined
    ? ok('none')
    : wrong(
        `bucket ${name} has a retention policy, which forbids terraform to release its lock`,
        `gcloud storage buckets update gs://${name} --clear-retention-period`,
      ),
);

const bucketPermissions: Check = {
  name: 'bucket permissions',
  look: async (at) => {
    const state = stateOf(at.platform, at.env);
    if (state.kind !== 'gcs') return unchecked('the states of this environment are on this machine');
    const query = ON_THE_BUCKET.map((permission) => `permissions=${permission}`).join('&');
    const url = `${bucketAddress(at, state.bucket)}/iam/testPermissions?${query}`;
    const { kind, permissions: granted = [] } = await at.google<{ kind?: string; permissions?: string[] }>(url);
    // Google leaves the list out when it is empty.
    if (kind !== 'storage#testIamPermissionsResponse') return unchecked('the storage does not test permissions');
    const missing = ON_THE_BUCKET.filter((permission) => !granted.includes(permission));
    return missing.length === 0
      ? ok(`${ON_THE_BUCKET.length} granted`)
      : wrong(
          `you lack ${missing.join(', ')} on bucket ${state.bucket}`,
          'ask an owner of the project for roles/storage.objectUser on the bucket',
        );
  },
};

/** The Google project, its state bucket, and what the person may do there. */
export const project: Family = {
  family: 'Google project',
  checks: [services, permissions, versioning, publicAccess, retention, bucketPermissions],
};

function isVm({ platform, env }: Surroundings): boolean {
  return environmentOf(platform, env).cluster.kind === 'k0s-vm';
}

function bucketAddress(at: Surroundings, name: string): string {
  return address(at, 'storage', `storage/v1/b/${encodeURIComponent(name)}`);
}

function address({ variables }: Surroundings, api: keyof typeof ROOTS, path: string): string {
  const [variable, root] = ROOTS[api];
  return new URL(path, variables[variable] ?? root).href;
}
