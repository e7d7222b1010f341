/** Planned attributes of a resource. Those that are not known yet are missing. */
export type Planned = Readonly<Record<string, unknown>>;

/** How terraform import names a resource of a type. */
type ImportId = (value: (path: string) => string) => string;

/** An attribute that the plan does not know yet, so that there is no id. */
class UnknownValue extends Error {}

const named: ImportId = (value) => value('metadata.0.name');
const inNamespace: ImportId = (value) => `${value('metadata.0.namespace')}/${value('metadata.0.name')}`;

/** An id by its parts: `projects/{project}/global/networks/{name}`. */
function parts(template: string): ImportId {
  return (value) => template.replace(/\{([\w.]+)\}/g, (_, path: string) => value(path));
}

/**
 * Import ids of the types that our layers create, from their arguments. IAM grants and enabled services are missing: to create
 * one that exists succeeds and changes nothing. So are types without an object in any cloud, such as `time_sleep`.
 *
 * Source: "Import" on each page of https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs, and the same of the
 * providers kubernetes 2.38 and helm 2.17
 */
const IMPORT_IDS: Readonly<Record<string, ImportId>> = {
  google_artifact_registry_repository: parts('projects/{project}/locations/{location}/repositories/{repository_id}'),
  google_cloud_scheduler_job: parts('projects/{project}/locations/{region}/jobs/{name}'),
  google_compute_address: parts('projects/{project}/regions/{region}/addresses/{name}'),
  google_compute_disk: parts('projects/{project}/zones/{zone}/disks/{name}'),
  google_compute_disk_resource_policy_attachment: parts('projects/{project}/zones/{zone}/disks/{disk}/{name}'),
  google_compute_firewall: parts('projects/{project}/global/firewalls/{name}'),
  google_compute_instance: parts('projects/{project}/zones/{zone}/instances/{name}'),
  google_compute_network: parts('projects/{project}/global/networks/{name}'),
  google_compute_resource_policy: parts('projects/{project}/regions/{region}/resourcePolicies/{name}'),
  google_compute_router: parts('projects/{project}/regions/{region}/routers/{name}'),
  google_compute_router_nat: parts('projects/{project}/regions/{region}/routers/{router}/{name}'),
  google_compute_subnetwork: parts('projects/{project}/regions/{region}/subnetworks/{name}'),
  google_dns_managed_zone: parts('projects/{project}/managedZones/{name}'),
  google_dns_record_set: parts('projects/{project}/managedZones/{managed_zone}/rrsets/{name}/{type}'),
  google_iam_workload_identity_pool: parts(
    'projects/{project}/locations/global/workloadIdentityPools/{workload_identity_pool_id}',
  ),
  google_iam_workload_identity_pool_provider: parts(
    'projects/{project}/locations/global/workloadIdentityPools/{workload_identity_pool_id}/providers/{workload_identity_pool_provider_id}',
  ),
  google_logging_metric: parts('{project} {name}'),
  google_project_iam_custom_role: parts('projects/{project}/roles/{role_id}'),
  google_pubsub_topic: parts('projects/{project}/topics/{name}'),
  google_secret_manager_secret: parts('projects/{project}/secrets/{secret_id}'),
  google_service_account: parts('projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com'),
  google_storage_bucket: parts('{name}'),
  helm_release: parts('{namespace}/{name}'),
  kubernetes_cluster_role_binding_v1: named,
  kubernetes_cluster_role_v1: named,
  kubernetes_config_map_v1: inNamespace,
  kubernetes_deployment_v1: inNamespace,
  kubernetes_manifest: (value) => {
    const identity = [`apiVersion=${value('manifest.apiVersion')}`, `kind=${value('manifest.kind')}`];
    const namespace = optional(value, 'manifest.metadata.namespace');
    if (namespace) identity.push(`namespace=${namespace}`);
    return [...identity, `name=${value('manifest.metadata.name')}`].join(',');
  },
  kubernetes_namespace_v1: named,
  kubernetes_network_policy_v1: inNamespace,
  kubernetes_role_binding_v1: inNamespace,
  kubernetes_role_v1: inNamespace,
  kubernetes_secret_v1: inNamespace,
  kubernetes_service_account_v1: inNamespace,
  kubernetes_storage_class_v1: named,
};

/** Types whose import id is known. */
export const IMPORTABLE: readonly string[] = Object.keys(IMPORT_IDS);

/**
 * The id by which terraform would import a planned resource.
 *
 * @param defaults - arguments of the provider block, such as the project.
 * @returns undefined for a type without a rule, or if the plan does not know a part of it yet.
 */
export function importIdOf(type: string, planned: Planned, defaults: Planned = {}): string | undefined {
  const rule = IMPORT_IDS[type];
  if (!rule) return undefined;
  try {
    return rule((path) => {
      const found = at(planned, path) ?? at(defaults, path);
      if (typeof found !== 'string' || found === '') throw new UnknownValue(path);
      return found;
    });
  } catch (error) {
    if (error instanceof UnknownValue) return undefined;
    throw error;
  }
}

function optional(value: (path: string) => string, path: string): string | undefined {
  try {
    return value(path);
  } catch (error) {
    if (error instanceof UnknownValue) return undefined;
    throw error;
  }
}

function at(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), values);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
