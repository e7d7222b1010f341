import type { compute_v1 } from '@googleapis/compute';

/**
 * Waits until an operation of Compute Engine has ended. Each request is answered after two minutes at the latest.
 *
 * @param onProgress - called with percents whenever a request is answered before the end.
 * @throws with Google's reason if the operation failed.
 */
export async function ended(
  compute: compute_v1.Compute,
  project: string,
  operation: compute_v1.Schema$Operation,
  onProgress: (percent: number) => void = () => {},
): Promise<void> {
  let current = operation;
  while (current.status !== 'DONE') {
    const called = { project, operation: current.name ?? '' };
    const last = (link: string | null | undefined) => link?.split('/').at(-1) ?? '';
    const { data } = operation.zone
      ? await compute.zoneOperations.wait({ ...called, zone: last(operation.zone) })
      : await compute.globalOperations.wait(called);
    current = data;
    if (current.status !== 'DONE') onProgress(current.progress ?? 0);
  }
  const [problem] = current.error?.errors ?? [];
  if (problem) throw new Error(`${current.operationType ?? 'operation'} failed: ${problem.message ?? problem.code}`);
}
