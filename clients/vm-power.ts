import type { compute_v1 } from '@googleapis/compute';
import type { Platform } from '../platforms/schema/define-platform';
import { projectOf, vmOf, zoneOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { ended } from './compute-operation';
import { type GoogleClients, googleRequest } from './google';

/** Root of the Cloud Scheduler API, unless `STRATA_SCHEDULER_ENDPOINT` names another one. */
const SCHEDULER = 'https://cloudscheduler.googleapis.com/';

/** What starts and stops a VM: a person, its watchdog, and its instance schedule. */
export interface PowerControl {
  /** Name of the VM. */
  readonly vm: string;
  /** Status in the Compute API, such as `RUNNING`. */
  status(): Promise<string>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Pauses or resumes the job that starts the VM every ten minutes. */
  pauseWatchdog(paused: boolean): Promise<void>;
  /** Attaches or detaches the schedule that starts and stops the VM. Does nothing for a VM without one. */
  attachSchedule(attached: boolean): Promise<void>;
}

/** Power of an environment's VM, by the APIs of Compute Engine and Cloud Scheduler. */
export function powerOf(
  { compute }: Pick<GoogleClients, 'compute'>,
  platform: Platform,
  env: string,
  variables: NodeJS.ProcessEnv = process.env,
): PowerControl {
  const project = projectOf(platform);
  const { region } = platform.google;
  const names = namesOf(platform.name, env);
  const place = { project, zone: zoneOf(platform, env), instance: names.vm };
  const request = googleRequest(variables);
  const done = async (call: Promise<{ data: compute_v1.Schema$Operation }>) =>
    ended(compute, project, (await call).data);
  return {
    vm: names.vm,
    status: async () => (await compute.instances.get(place)).data.status ?? '',
    start: () => done(compute.instances.start(place)),
    stop: () => done(compute.instances.stop(place)),
    pauseWatchdog: async (paused) => {
      const job = `projects/${project}/locations/${region}/jobs/${names.part('watchdog')}`;
      const root = variables['STRATA_SCHEDULER_ENDPOINT'] ?? SCHEDULER;
      await request({ url: new URL(`v1/${job}:${paused ? 'pause' : 'resume'}`, root).href, method: 'POST' });
    },
    attachSchedule: async (attached) => {
      if (!vmOf(platform, env).power) return;
      const policy = `https://www.googleapis.com/compute/v1/projects/${project}/regions/${region}/resourcePolicies/${names.part('power')}`;
      const { data } = await compute.instances.get(place);
      const isAttached = (data.resourcePolicies ?? []).some((one) => one.endsWith(`/${names.part('power')}`));
      if (isAttached === attached) return;
      const call = { ...place, requestBody: { resourcePolicies: [policy] } };
      await done(
        attached ? compute.instances.addResourcePolicies(call) : compute.instances.removeResourcePolicies(call),
      );
    },
  };
}
