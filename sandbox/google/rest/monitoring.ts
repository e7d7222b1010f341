import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson, urlOf } from '../../http';
import type { World } from '../../world';
import { assertCredential, sendGoogleError } from './error';

/** Collections of the Monitoring API, by the type whose objects they hold. */
const TYPES: Readonly<Record<string, string>> = {
  alertPolicies: 'google_monitoring_alert_policy',
  notificationChannels: 'google_monitoring_notification_channel',
};

/**
 * The lists of the Monitoring API v3, each object with its name and its display name.
 *
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies/list
 */
export async function handleMonitoring(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [, project, collection = ''] = /^\/v3\/projects\/([^/]+)\/(\w+)$/.exec(urlOf(request).pathname) ?? [];
  const type = TYPES[collection];
  if (!project || !type || request.method !== 'GET') return false;
  try {
    assertCredential(request);
    const objects = world.list(type).filter(({ key }) => key.startsWith(`projects/${project}/`));
    const items = objects.map(({ key, values }) => ({ name: key, displayName: values['display_name'] }));
    sendJson(response, items.length > 0 ? { [collection]: items } : {});
  } catch (error) {
    sendGoogleError(response, error);
  }
  return true;
}
