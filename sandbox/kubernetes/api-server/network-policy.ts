import { BlockList, isIPv4 } from 'node:net';
import type { KubernetesObject } from '../../world';
import type { ClusterApi } from './api';
import { kindOf } from './kind';
import { type LabelSelector, matchesSelector } from './labels';
import { PODS } from './objects';
import type { Pod } from './pod';

interface Rule {
  readonly to?: readonly { readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] } }[];
}
interface Spec {
  readonly podSelector: LabelSelector;
  readonly policyTypes?: readonly string[];
  readonly egress?: readonly Rule[];
}

const NETWORK_POLICIES = kindOf<KubernetesObject<Spec>>('networking.k8s.io', 'NetworkPolicy');

/** Address of Google's metadata server. */
export const METADATA_SERVER = '169.254.169.254';

/**
 * Whether NetworkPolicies let a pod reach an IPv4 address outside of the cluster. A pod that none selects reaches everything, as
 * do pods on the network of the node. Ports are not checked.
 */
export function reaches(cluster: ClusterApi, pod: Pod, address: string): boolean {
  if (pod.spec.hostNetwork) return true;
  const policies = cluster
    .list(NETWORK_POLICIES, pod.metadata.namespace)
    .map(({ spec }) => spec)
    .filter(({ policyTypes, egress }) => policyTypes?.includes('Egress') ?? egress !== undefined)
    .filter(({ podSelector }) => matchesSelector(podSelector, pod.metadata.labels));
  return (
    policies.length === 0 ||
    policies.some(({ egress = [] }) =>
      egress.some(({ to }) => !to?.length || to.some(({ ipBlock }) => ipBlock && holds(ipBlock, address))),
    )
  );
}

function holds({ cidr, except = [] }: { cidr: string; except?: readonly string[] }, address: string): boolean {
  const within = (range: string) => {
    const [network = '', prefix] = range.split('/');
    if (!isIPv4(network)) return false;
    const list = new BlockList();
    list.addSubnet(network, Number(prefix), 'ipv4');
    return list.check(address);
  };
  return within(cidr) && !except.some(within);
}

/** Pods of a workload that run, by its label `app.kubernetes.io/name`. */
export function podsNamed(cluster: ClusterApi, name: string): Pod[] {
  return cluster
    .list(PODS)
    .filter(
      ({ metadata, status }) => metadata.labels?.['app.kubernetes.io/name'] === name && status?.phase === 'Running',
    );
}
