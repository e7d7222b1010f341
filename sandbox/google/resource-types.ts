/** What a resource type is called, and what it refers to. */
export interface ResourceName<Type = string> {
  /** What Google calls it in messages: `network`. */
  readonly noun: string;
  /** Its name in the API, from its attributes; `{#}` is an id that Google assigns. */
  readonly key: string;
  /** Arguments that name other resources, by path, and the type that they name. Those must exist, and cannot be deleted before it. */
  readonly refers?: Readonly<Record<string, Type>>;
  /** What it refers to is copied at creation and can be deleted afterwards: a disk and its snapshot. */
  readonly copies?: true;
  /** The type that it is a part of: it does not keep such a resource from being deleted, and is deleted with it. */
  readonly partOf?: Type;
}

/** All simulated resource types. */
export const RESOURCE_TYPES = {
  google_compute_network: { noun: 'network', key: 'projects/{project}/global/networks/{name}' },
  google_compute_firewall: {
    noun: 'firewall',
    key: 'projects/{project}/global/firewalls/{name}',
    refers: { network: 'google_compute_network' },
  },
  google_compute_router: {
    noun: 'router',
    key: 'projects/{project}/regions/{region}/routers/{name}',
    refers: { network: 'google_compute_network' },
  },
  google_compute_router_nat: {
    noun: 'nat',
    key: 'projects/{project}/regions/{region}/routers/{router}/nats/{name}',
    refers: { router: 'google_compute_router' },
  },
  google_compute_subnetwork: {
    noun: 'subnetwork',
    key: 'projects/{project}/regions/{region}/subnetworks/{name}',
    refers: { network: 'google_compute_network' },
  },
  google_compute_address: {
    noun: 'address',
    key: 'projects/{project}/regions/{region}/addresses/{name}',
    refers: { subnetwork: 'google_compute_subnetwork' },
  },
  google_compute_disk: {
    noun: 'disk',
    key: 'projects/{project}/zones/{zone}/disks/{name}',
    refers: { snapshot: 'google_compute_snapshot' },
    copies: true,
  },
  google_compute_snapshot: {
    noun: 'snapshot',
    key: 'projects/{project}/global/snapshots/{name}',
    refers: { source_disk: 'google_compute_disk' },
    copies: true,
  },
  google_compute_instance: {
    noun: 'instance',
    key: 'projects/{project}/zones/{zone}/instances/{name}',
    refers: {
      'boot_disk.source': 'google_compute_disk',
      'attached_disk.source': 'google_compute_disk',
      'network_interface.network': 'google_compute_network',
      'network_interface.subnetwork': 'google_compute_subnetwork',
      resource_policies: 'google_compute_resource_policy',
    },
  },
  google_service_account: { noun: 'service account', key: 'projects/{project}/serviceAccounts/{account_id}' },
  google_secret_manager_secret: { noun: 'secret', key: 'projects/{project}/secrets/{secret_id}' },
  google_project_service: { noun: 'service', key: 'projects/{project}/services/{service}' },
  google_project_iam_member: { noun: 'grant', key: 'projects/{project}/grants/{role}/{member}' },
  google_secret_manager_secret_iam_member: {
    noun: 'grant',
    key: 'projects/{project}/secrets/{secret_id}/grants/{role}/{member}',
    refers: { secret_id: 'google_secret_manager_secret' },
  },
  google_service_account_iam_member: { noun: 'grant', key: '{service_account_id}/grants/{role}/{member}' },
  google_storage_bucket_iam_member: {
    noun: 'grant',
    key: 'b/{bucket}/grants/{role}/{member}',
    refers: { bucket: 'google_storage_bucket' },
  },
  google_artifact_registry_repository_iam_member: {
    noun: 'grant',
    key: 'projects/{project}/locations/{location}/repositories/{repository}/grants/{role}/{member}',
  },
  google_iam_workload_identity_pool: {
    noun: 'workload identity pool',
    key: 'projects/{project}/locations/global/workloadIdentityPools/{workload_identity_pool_id}',
  },
  google_iam_workload_identity_pool_provider: {
    noun: 'workload identity pool provider',
    key: 'projects/{project}/locations/global/workloadIdentityPools/{workload_identity_pool_id}/providers/{workload_identity_pool_provider_id}',
    refers: { workload_identity_pool_id: 'google_iam_workload_identity_pool' },
  },
  google_project_iam_custom_role: { noun: 'role', key: 'projects/{project}/roles/{role_id}' },
  google_secret_manager_secret_version: {
    noun: 'secret version',
    key: '{secret}/versions/{#}',
    refers: { secret: 'google_secret_manager_secret' },
  },
  google_compute_resource_policy: {
    noun: 'resource policy',
    key: 'projects/{project}/regions/{region}/resourcePolicies/{name}',
  },
  google_compute_disk_resource_policy_attachment: {
    noun: 'attachment',
    key: 'projects/{project}/zones/{zone}/disks/{disk}/policies/{name}',
    refers: { disk: 'google_compute_disk' },
    partOf: 'google_compute_disk',
  },
  google_cloud_scheduler_job: { noun: 'job', key: 'projects/{project}/locations/{region}/jobs/{name}' },
  google_storage_bucket: { noun: 'bucket', key: '{name}' },
  google_artifact_registry_repository: {
    noun: 'repository',
    key: 'projects/{project}/locations/{location}/repositories/{repository_id}',
  },
  google_pubsub_topic: { noun: 'topic', key: 'projects/{project}/topics/{name}' },
  google_dns_managed_zone: { noun: 'zone', key: 'projects/{project}/managedZones/{name}' },
  google_dns_record_set: {
    noun: 'record set',
    key: 'projects/{project}/managedZones/{managed_zone}/rrsets/{name}/{type}',
    refers: { managed_zone: 'google_dns_managed_zone' },
  },
  google_monitoring_alert_policy: {
    noun: 'alert policy',
    key: 'projects/{project}/alertPolicies/{#}',
    refers: { notification_channels: 'google_monitoring_notification_channel' },
  },
  google_monitoring_notification_channel: {
    noun: 'notification channel',
    key: 'projects/{project}/notificationChannels/{#}',
  },
  google_monitoring_uptime_check_config: { noun: 'uptime check', key: 'projects/{project}/uptimeCheckConfigs/{#}' },
  google_logging_metric: { noun: 'metric', key: 'projects/{project}/metrics/{name}' },
  google_compute_health_check: { noun: 'health check', key: 'projects/{project}/global/healthChecks/{name}' },
  google_compute_instance_group: {
    noun: 'instance group',
    key: 'projects/{project}/zones/{zone}/instanceGroups/{name}',
    refers: { instances: 'google_compute_instance', network: 'google_compute_network' },
  },
  google_compute_route: {
    noun: 'route',
    key: 'projects/{project}/global/routes/{name}',
    refers: { network: 'google_compute_network' },
  },
  google_compute_network_peering: {
    noun: 'peering',
    key: '{network}/peerings/{name}',
    refers: { network: 'google_compute_network' },
  },
  google_compute_global_address: {
    noun: 'address',
    key: 'projects/{project}/global/addresses/{name}',
    refers: { network: 'google_compute_network' },
  },
  google_compute_global_forwarding_rule: {
    noun: 'forwarding rule',
    key: 'projects/{project}/global/forwardingRules/{name}',
  },
  google_compute_forwarding_rule: {
    noun: 'forwarding rule',
    key: 'projects/{project}/regions/{region}/forwardingRules/{name}',
    refers: { network: 'google_compute_network', subnetwork: 'google_compute_subnetwork' },
  },
  google_compute_backend_service: {
    noun: 'backend service',
    key: 'projects/{project}/global/backendServices/{name}',
    refers: { health_checks: 'google_compute_health_check' },
  },
  google_compute_backend_bucket: {
    noun: 'backend bucket',
    key: 'projects/{project}/global/backendBuckets/{name}',
    refers: { bucket_name: 'google_storage_bucket' },
  },
  google_compute_url_map: {
    noun: 'url map',
    key: 'projects/{project}/global/urlMaps/{name}',
  },
  google_compute_target_http_proxy: {
    noun: 'target http proxy',
    key: 'projects/{project}/global/targetHttpProxies/{name}',
    refers: { url_map: 'google_compute_url_map' },
  },
  google_compute_target_https_proxy: {
    noun: 'target https proxy',
    key: 'projects/{project}/global/targetHttpsProxies/{name}',
    refers: { url_map: 'google_compute_url_map' },
  },
  google_compute_managed_ssl_certificate: {
    noun: 'ssl certificate',
    key: 'projects/{project}/global/sslCertificates/{name}',
  },
  google_compute_ssl_policy: { noun: 'ssl policy', key: 'projects/{project}/global/sslPolicies/{name}' },
  google_compute_security_policy: {
    noun: 'security policy',
    key: 'projects/{project}/global/securityPolicies/{name}',
  },
  google_compute_project_metadata_item: { noun: 'metadata item', key: 'projects/{project}/meta-data/{key}' },
  google_compute_instance_template: {
    noun: 'instance template',
    key: 'projects/{project}/global/instanceTemplates/{#}',
    refers: {
      'network_interface.network': 'google_compute_network',
      'network_interface.subnetwork': 'google_compute_subnetwork',
    },
  },
  google_pubsub_subscription: {
    noun: 'subscription',
    key: 'projects/{project}/subscriptions/{name}',
    refers: { topic: 'google_pubsub_topic' },
    copies: true,
  },
  google_logging_project_sink: { noun: 'sink', key: 'projects/{project}/sinks/{name}' },
  google_monitoring_dashboard: { noun: 'dashboard', key: 'projects/{project}/dashboards/{#}' },
  google_storage_bucket_object: {
    noun: 'object',
    key: 'b/{bucket}/o/{name}',
    refers: { bucket: 'google_storage_bucket' },
  },
  google_project_iam_binding: { noun: 'binding', key: 'projects/{project}/bindings/{role}' },
  google_storage_bucket_iam_binding: {
    noun: 'binding',
    key: 'b/{bucket}/bindings/{role}',
    refers: { bucket: 'google_storage_bucket' },
  },
  google_service_account_iam_binding: { noun: 'binding', key: '{service_account_id}/bindings/{role}' },
  google_service_account_key: { noun: 'key', key: '{service_account_id}/keys/{#}' },
  google_container_cluster: {
    noun: 'cluster',
    key: 'projects/{project}/locations/{location}/clusters/{name}',
    refers: { network: 'google_compute_network', subnetwork: 'google_compute_subnetwork' },
  },
  google_container_node_pool: {
    noun: 'node pool',
    key: 'projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}',
    refers: { cluster: 'google_container_cluster' },
    partOf: 'google_container_cluster',
  },
  google_service_networking_connection: {
    noun: 'connection',
    key: '{network}/connections/{service}',
    refers: { network: 'google_compute_network' },
  },
  google_sql_database_instance: { noun: 'instance', key: 'projects/{project}/instances/{name}' },
  google_sql_database: {
    noun: 'database',
    key: 'projects/{project}/instances/{instance}/databases/{name}',
    refers: { instance: 'google_sql_database_instance' },
    partOf: 'google_sql_database_instance',
  },
  google_sql_user: {
    noun: 'user',
    key: 'projects/{project}/instances/{instance}/users/{name}',
    refers: { instance: 'google_sql_database_instance' },
    partOf: 'google_sql_database_instance',
  },
  google_billing_budget: { noun: 'budget', key: 'billingAccounts/{billing_account}/budgets/{#}' },
} as const satisfies Readonly<Record<string, ResourceName>>;

/** A simulated resource type, such as `google_compute_network`. */
export type GoogleType = keyof typeof RESOURCE_TYPES;

/** What a type is called. */
export function resourceName(type: GoogleType): ResourceName<GoogleType> {
  return RESOURCE_TYPES[type];
}
