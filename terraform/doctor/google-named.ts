import { z } from 'zod';
import { googleRequest } from '../../clients/google';
import type { Planned } from './import-ids';

/** Root of the Monitoring API, unless `STRATA_MONITORING_ENDPOINT` names another one. */
const MONITORING = 'https://monitoring.googleapis.com/';

/** Types whose objects Google names itself: creating one again succeeds, and there are two. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  google_monitoring_alert_policy: 'alertPolicies',
  google_monitoring_notification_channel: 'notificationChannels',
};

const page = z.object({ nextPageToken: z.string().optional() }).catchall(z.unknown());
const listed = z.array(z.object({ name: z.string(), displayName: z.string().optional() }));

/** Whether Google names objects of a type. */
export function isNamedByGoogle(type: string): boolean {
  return type in COLLECTIONS;
}

/**
 * Finds the objects with the display name of a planned resource.
 *
 * @returns their names, which are also their import ids: `projects/P/alertPolicies/123`.
 */
export async function objectsLike(
  type: string,
  planned: Planned,
  project: string,
  env?: NodeJS.ProcessEnv,
): Promise<string[]> {
  const collection = COLLECTIONS[type];
  if (!collection) return [];
  const request = googleRequest(env);
  const root = env?.['STRATA_MONITORING_ENDPOINT'] ?? MONITORING;
  const found: string[] = [];
  for (let pageToken: string | undefined, first = true; first || pageToken; first = false) {
    const url = new URL(`v3/projects/${encodeURIComponent(project)}/${collection}`, root);
    const { data } = await request<unknown>({ url: url.href, params: pageToken ? { pageToken } : {} });
    const parsed = page.parse(data);
    const objects = listed.parse(parsed[collection] ?? []);
    found.push(...objects.filter(({ displayName }) => displayName === planned['display_name']).map(({ name }) => name));
    pageToken = parsed.nextPageToken || undefined;
  }
  return found;
}
