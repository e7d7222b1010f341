import { appendTo } from './yaml-list';

/** A commit that is none: the tag of an image that nobody has built yet. A workload with it has no replicas. */
export const PLACEHOLDER_COMMIT = '0000000';

/** A kustomization with a number of replicas for a Deployment. */
export function withReplicas(text: string, name: string, count: number): string {
  const item = `{ name: ${name}, count: ${count} }${count === 0 ? ' # until its first image is there' : ''}`;
  const there = new RegExp(`\\{ name: ${name}, count: \\d+ \\}.*`);
  return there.test(text) ? text.replace(there, item) : appendTo(text, 'replicas', item);
}
