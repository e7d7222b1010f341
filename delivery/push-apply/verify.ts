import { parseAllDocuments } from 'yaml';
import type { Kubectl } from '../../clients/kubectl';
import { isReady, type Pod, reasonOf } from '../rollout/pods';

interface Service {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> };
}

interface Claim {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly phase?: string };
}

/**
 * What an environment lacks after its rollout, one line each: pods that are not ready, claims without a volume, Services without
 * a ready pod.
 *
 * @param overlay - what was applied.
 */
export async function shortcomings(kubectl: Kubectl, overlay: string, namespace: string): Promise<string[]> {
  const list = async <T>(kind: string) =>
    (await kubectl.json<{ readonly items: readonly T[] }>(['get', kind, `--namespace=${namespace}`])).items;
  const pods = (await list<Pod>('pods')).filter(({ status }) => status?.phase !== 'Succeeded');
  const claims = await list<Claim>('persistentvolumeclaims');
  const services = parseAllDocuments(overlay)
    .map((document) => document.toJS() as Service)
    .filter((object) => object?.kind === 'Service' && (object.metadata.namespace ?? namespace) === namespace);
  return [
    ...pods.filter((pod) => !isReady(pod)).map((pod) => `pod ${pod.metadata.name}: ${reasonOf(pod)}`),
    ...claims
      .filter(({ status }) => status?.phase !== 'Bound')
      .map(({ metadata, status }) => `claim ${metadata.name} is ${status?.phase ?? 'Unknown'}, not Bound`),
    ...services
      .filter(({ spec }) => spec?.selector && !pods.some((pod) => isReady(pod) && matches(pod, spec.selector)))
      .map(({ metadata }) => `service ${metadata.name} has no ready pod`),
  ];
}

function matches({ metadata }: Pod, selector: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value);
}
