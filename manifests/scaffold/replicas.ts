import { parse } from 'yaml';
import { appendItem, setScalar } from '../yaml-edit';

/** A commit that does not exist: the tag of an image that was never built. A workload with it has no replicas. */
export const PLACEHOLDER_COMMIT = '0000000';

/** A kustomization with a number of replicas for a Deployment. */
export function withReplicas(text: string, name: string, count: number): string {
  const { replicas = [] } = (parse(text) ?? {}) as { readonly replicas?: readonly { readonly name: string }[] };
  const index = replicas.findIndex((entry) => entry.name === name);
  const changed = index < 0 ? undefined : setScalar(text, ['replicas', index, 'count'], count);
  return changed ?? appendItem(text, 'replicas', { name, count });
}
