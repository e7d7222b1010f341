import { auth, compute, type compute_v1 } from '@googleapis/compute';
import { secretmanager, type secretmanager_v1 } from '@googleapis/secretmanager';
import { messageOf } from '../errors';

/**
 * The Google clients of our commands.
 *
 * | variable | meaning | default |
 * | --- | --- | --- |
 * | `STRATA_COMPUTE_ENDPOINT` | root of the Compute API | Google's |
 * | `STRATA_SECRET_MANAGER_ENDPOINT` | root of the Secret Manager API | Google's |
 * | `STRATA_SCHEDULER_ENDPOINT` | root of the Cloud Scheduler API | Google's |
 * | `GOOGLE_OAUTH_ACCESS_TOKEN` | access token | application default credentials |
 * | `METADATA_SERVER_DETECTION` | how to detect whether this machine is on Google Cloud | `bios-only`, without the network |
 */
export interface GoogleClients {
  readonly compute: compute_v1.Compute;
  readonly secrets: secretmanager_v1.Secretmanager;
}

/** Clients that are configured by environment variables. Nothing is called until they are used. */
export function googleClients(env: NodeJS.ProcessEnv = process.env): GoogleClients {
  const credentials = credentialsFrom(env);
  return {
    compute: compute({ version: 'v1', auth: credentials, ...rootUrl(env['STRATA_COMPUTE_ENDPOINT']) }),
    secrets: secretmanager({ version: 'v1', auth: credentials, ...rootUrl(env['STRATA_SECRET_MANAGER_ENDPOINT']) }),
  };
}

/** Sends a request with the caller's credentials, for an API that has no client here. */
export function googleRequest(env: NodeJS.ProcessEnv = process.env) {
  const credentials = credentialsFrom(env);
  return <T>(options: Parameters<typeof credentials.request>[0]) => credentials.request<T>(options);
}

/**
 * The same clients, after a check of their credentials, so that a command which needs them fails before it begins.
 *
 * @throws if there are no credentials, or they have expired.
 */
export async function signedInClients(env: NodeJS.ProcessEnv = process.env): Promise<GoogleClients> {
  try {
    await credentialsFrom(env).getAccessToken();
  } catch (error) {
    const message = messageOf(error);
    const why = /could not load the default credentials/i.test(message)
      ? 'no credentials for Google Cloud were found'
      : /invalid_grant|invalid_rapt/.test(message)
        ? 'the credentials for Google Cloud have expired'
        : undefined;
    if (!why) throw error;
    throw new Error(
      `${why}; log in with gcloud auth application-default login, or try it without an account: npm run sandbox -- COMMAND`,
    );
  }
  return googleClients(env);
}

/**
 * The time of the cloud's clock, by which it runs schedules and dates resources. The clock of this machine may be wrong.
 *
 * @param headers - of a response.
 */
export function cloudTime(headers: unknown): Date {
  return new Date(new Headers(headers as Record<string, string>).get('date') ?? Date.now());
}

/**
 * The time of the cloud's clock, read without credentials; the time of this machine if the cloud does not answer within five
 * seconds.
 */
export async function cloudNow(env: NodeJS.ProcessEnv = process.env): Promise<Date> {
  const { rootUrl: root = 'https://compute.googleapis.com/' } = rootUrl(env['STRATA_COMPUTE_ENDPOINT']);
  try {
    const { headers } = await fetch(new URL('compute/v1/projects', root), { signal: AbortSignal.timeout(5000) });
    return cloudTime(headers);
  } catch {
    return new Date();
  }
}

/** The HTTP status of an error of these clients; undefined for other errors. */
export function httpStatus(error: unknown): number | undefined {
  const status = (error as { status?: unknown; code?: unknown }).status ?? (error as { code?: unknown }).code;
  return status === undefined ? undefined : Number(status);
}

function credentialsFrom(env: NodeJS.ProcessEnv) {
  const token = env['GOOGLE_OAUTH_ACCESS_TOKEN'];
  if (!token) {
    // Otherwise the library probes the network for a metadata server, and prints warnings.
    process.env['METADATA_SERVER_DETECTION'] ??= 'bios-only';
    return new auth.GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
  }
  const client = new auth.OAuth2();
  client.setCredentials({ access_token: token });
  return client;
}

function rootUrl(endpoint: string | undefined): { rootUrl?: string } {
  return endpoint ? { rootUrl: endpoint.endsWith('/') ? endpoint : `${endpoint}/` } : {};
}
