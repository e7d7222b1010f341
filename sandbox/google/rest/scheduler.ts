import { type Handler, sendJson, urlOf } from '../../http';
import type { World } from '../../world';
import { CloudError, notFound } from '../cloud-error';
import { DURATIONS } from '../durations';
import { assertCredential, sendGoogleError } from './error';

const TYPE = 'google_cloud_scheduler_job';

/**
 * The part of the Cloud Scheduler API v1 that our commands call: a job is read, paused and resumed.
 *
 * Source: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs
 */
export function handleScheduler(world: World): Handler {
  return async (request, response) => {
    const [, key, verb] =
      /^\/v1\/(projects\/[^/]+\/locations\/[^/]+\/jobs\/[^/:]+)(?::(\w+))?$/.exec(urlOf(request).pathname) ?? [];
    if (!key) return false;
    try {
      assertCredential(request);
      sendJson(response, await answer(world, key, `${request.method} ${verb ?? ''}`));
    } catch (error) {
      sendGoogleError(response, error);
    }
    return true;
  };
}

async function answer(world: World, key: string, call: string): Promise<unknown> {
  const job = world.get(TYPE, key);
  if (!job) throw notFound(key);
  if (call === 'POST pause' || call === 'POST resume') {
    await world.clock.busy(() => world.clock.sleep(DURATIONS['control plane call'].typical));
    const paused = call === 'POST pause';
    job.values = { ...job.values, paused, state: paused ? 'PAUSED' : 'ENABLED' };
    world.put(job);
  } else if (call !== 'GET ') {
    throw new CloudError({
      status: 501,
      reason: 'notImplemented',
      message: `the sandbox's Cloud Scheduler does not know ${call}`,
    });
  }
  const { description, schedule, time_zone: timeZone, state } = job.values;
  return { name: key, description, schedule, timeZone, state };
}
