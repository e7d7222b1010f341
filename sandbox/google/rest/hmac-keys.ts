import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson, urlOf } from '../../http';
import type { World } from '../../world';
import { CloudError } from '../cloud-error';
import { assertCredential, sendGoogleError } from './error';

/**
 * HMAC keys of Cloud Storage: they are created for a service account that exists, and give access to nothing. Neither half looks like
 * a real one, and none is kept.
 */
export async function handleHmacKeys(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname, searchParams: query } = urlOf(request);
  const [, project] = /^\/storage\/v1\/projects\/([^/]+)\/hmacKeys$/.exec(pathname) ?? [];
  if (!project) return false;
  try {
    assertCredential(request);
    if (request.method !== 'POST') {
      throw new CloudError({
        status: 501,
        reason: 'notImplemented',
        message: 'the sandbox makes HMAC keys and does nothing else with them',
      });
    }
    const email = query.get('serviceAccountEmail') ?? '';
    const accounts = world.list('google_service_account');
    if (!accounts.some(({ key, values }) => key.startsWith(`projects/${project}/`) && values['email'] === email)) {
      throw new CloudError({
        status: 404,
        reason: 'notFound',
        message: `Service Account '${email}' not found in project ${project}.`,
      });
    }
    const id = world.nextId();
    world.changed();
    const metadata = { accessId: `sandbox-key-${id}`, projectId: project, serviceAccountEmail: email, state: 'ACTIVE' };
    sendJson(response, { kind: 'storage#hmacKey', metadata, secret: `sandbox-secret-${id}-worth-nothing` });
  } catch (error) {
    sendGoogleError(response, error);
  }
  return true;
}
