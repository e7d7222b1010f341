import type { Cluster } from '../api-server/cluster';
import { DURATIONS } from '../api-server/durations';
import { JOBS, type Job, PODS } from '../api-server/objects';
import type { Pod } from '../api-server/pod';
import { refOf, refTo } from '../api-server/reference';
import { builtIn } from './built-in';
import { hashOf, makePod, podsOf } from './pods-of';

/** Simulates the Job controller: its pods run for a while and end well, because the sandbox runs no code. */
export const jobs = builtIn('job', (cluster) => {
  for (const job of cluster.list(JOBS)) if (!job.metadata.deletionTimestamp) reconcile(cluster, job);
});

function reconcile(cluster: Cluster, job: Job): void {
  const { spec, status: before } = job;
  if (before?.conditions?.some(({ type }) => type === 'Complete')) return;
  const pods = podsOf(cluster, job);
  const done = pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
  const active = pods.length - done;
  const template = { ...spec.template, spec: { restartPolicy: 'Never', ...spec.template.spec } };
  const labels = { 'batch.kubernetes.io/job-name': job.metadata.name, 'job-name': job.metadata.name };
  for (let number = pods.length; number < Math.min(spec.completions, done + spec.parallelism); number++) {
    const name = `${job.metadata.name}-${hashOf([job.metadata.uid, number]).slice(0, 5)}`;
    makePod(cluster, job, template, { name, labels });
  }
  for (const pod of pods) {
    if (pod.status?.phase !== 'Running') continue;
    cluster.later(`run of ${pod.metadata.uid}`, DURATIONS['run of a job'].typical, () => finish(cluster, pod));
  }
  const at = cluster.world.clock.iso();
  const isComplete = done >= spec.completions;
  const complete = (type: string) => ({ type, status: 'True', reason: 'CompletionsReached', lastTransitionTime: at });
  cluster.setStatus(refOf(job), {
    startTime: before?.startTime ?? at,
    ...(isComplete ? {} : { active }),
    ready: pods.filter((pod) => pod.status?.phase === 'Running').length,
    succeeded: done,
    terminating: 0,
    ...(isComplete ? { completionTime: at, conditions: [complete('SuccessCriteriaMet'), complete('Complete')] } : {}),
  });
  if (isComplete && spec.ttlSecondsAfterFinished !== undefined) {
    const remove = () => cluster.get(refOf(job))?.metadata.uid === job.metadata.uid && cluster.delete(refOf(job));
    cluster.later(`end of ${job.metadata.uid}`, spec.ttlSecondsAfterFinished, remove, 'routine');
  }
}

function finish(cluster: Cluster, { metadata }: Pod): void {
  const pod = cluster.get(refTo(PODS, metadata.name, metadata.namespace));
  if (pod?.metadata.uid !== metadata.uid || pod?.status?.phase !== 'Running') return;
  const ended = { terminated: { reason: 'Completed', exitCode: 0, finishedAt: cluster.world.clock.iso() } };
  cluster.setStatus(refOf(pod), {
    ...pod.status,
    phase: 'Succeeded',
    conditions: pod.status.conditions?.filter(({ type }) => type === 'PodScheduled'),
    containerStatuses: pod.status.containerStatuses?.map((status) => ({ ...status, ready: false, state: ended })),
  });
}
