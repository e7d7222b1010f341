import type { Context } from '../protocol/behaviour';
import type { World } from '../world';
import { CloudError } from './cloud-error';
import { DURATIONS } from './durations';
import { projectNumber } from './project-number';

/** Services that the provider calls for a type, by the beginning of the type. The first that matches counts. */
const SERVICES: readonly (readonly [prefix: string, ...services: string[]])[] = [
  // To read it the provider first reads the project. Source: google 6.50.0, resource_google_project_service.go.
  ['google_project_service', 'serviceusage', 'cloudresourcemanager'],
  ['google_project_iam_custom_role', 'iam'],
  ['google_project_iam_', 'cloudresourcemanager'],
  // The data source: its provider also asks the Billing API.
  ['google_project', 'cloudresourcemanager', 'cloudbilling'],
  ['google_artifact_registry_', 'artifactregistry'],
  ['google_billing_budget', 'billingbudgets'],
  ['google_cloud_scheduler_', 'cloudscheduler'],
  ['google_compute_', 'compute'],
  ['google_container_', 'container'],
  ['google_dns_', 'dns'],
  ['google_iam_', 'iam'],
  ['google_logging_', 'logging'],
  ['google_monitoring_', 'monitoring'],
  ['google_pubsub_', 'pubsub'],
  ['google_secret_manager_', 'secretmanager'],
  ['google_service_account', 'iam'],
  ['google_service_networking_', 'servicenetworking'],
  ['google_sql_', 'sqladmin'],
  ['google_storage_', 'storage'],
];

/**
 * Adds a project with these services enabled and no others, as its owner has left it. A project that was not added has all
 * of them.
 *
 * @param services - short names: `compute`. Those of a project that is in the world already are added.
 */
export function addProject(world: World, id: string, services: readonly string[]): void {
  world.data.projects[id] ??= { services: {} };
  for (const service of services) world.data.projects[id].services[`${service}.googleapis.com`] ??= 0;
  world.changed();
}

/** Enables a service for good. Calls to it are refused until the change has propagated. @param service - `compute.googleapis.com` */
export function enableService(world: World, project: string, service: string): void {
  const known = world.data.projects[project];
  if (!known) return;
  if (known.services[service] !== undefined) return;
  const seconds = DURATIONS['service propagation'].typical;
  known.services[service] = world.clock.now() + seconds * 1000;
  // Somebody waits for it, and may do nothing else meanwhile.
  world.clock.after(seconds, () => {});
  world.changed();
}

/** Whether a service is enabled, effective or not. @param service - `compute.googleapis.com` */
export function isEnabled(world: World, project: string, service: string): boolean {
  const known = world.data.projects[project];
  return known === undefined || known.services[service] !== undefined;
}

/**
 * Refuses what the provider does with a type while a service that it calls is not enabled in the project.
 *
 * @param services - short names of the services that are called. @default - those of the type
 * @throws {CloudError} with the message of Google's APIs.
 */
export function refuseDisabled(
  type: string,
  project: string,
  { world }: Pick<Context, 'world'>,
  services = servicesOf(type),
): void {
  const enabled = world.data.projects[project]?.services;
  if (!enabled) return;
  for (const service of services) {
    const api = `${service}.googleapis.com`;
    const since = enabled[api];
    if (since !== undefined && since <= world.clock.now()) continue;
    const number = projectNumber(project);
    throw new CloudError({
      status: 403,
      reason: 'SERVICE_DISABLED',
      message: `${api} has not been used in project ${number} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/${api}/overview?project=${number} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    });
  }
}

function servicesOf(type: string): readonly string[] {
  const [, ...services] = SERVICES.find(([prefix]) => type.startsWith(prefix)) ?? [];
  return services;
}
