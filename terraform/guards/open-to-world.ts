import {
  type ChangedResource,
  changedResources,
  type Guard,
  type ManifestObject,
  objectName,
  type Values,
} from './guard';

/** Members that stand for everybody. Source: https://cloud.google.com/iam/docs/principals-overview#all-users */
const EVERYBODY = ['allUsers', 'allAuthenticatedUsers'];

/** Shortest prefix that is taken for a network of somebody: 10.0.0.0/8 is the widest private one. */
const SHORTEST_PREFIX = 8;

/** Refuses what opens something to everybody on the internet that was not open before. */
export const openToWorld: Guard = {
  name: 'open-to-world',
  protects: 'what is reachable from the internet, or readable by everybody',
  find: (input) => [
    ...changedResources(input)
      .filter(({ stays }) => stays)
      .flatMap((resource) => {
        const now = openings(resource.type, resource.after);
        const before = openings(resource.type, resource.before);
        const opened = now.filter((one) => !before.includes(one));
        return opened.map((message) => hit(resource, message));
      }),
    ...(input.overlays ?? []).flatMap(({ path, before, after }) => {
      const open = new Set(before.filter(isExposed).map(objectName));
      return after
        .filter((object) => isExposed(object) && !open.has(objectName(object)))
        .map((object) => ({
          place: path,
          subject: objectName(object),
          message: `the Service is of type ${typeOf(object)} without source ranges: everybody may connect`,
          blastRadius: 'whoever can reach the nodes or the load balancer',
        }));
    }),
  ],
};

function hit({ layer, address }: ChangedResource, message: string) {
  return { place: layer, subject: address, message, blastRadius: 'everybody on the internet' };
}

/** In what ways a resource is open to everybody. */
function openings(type: string, values: Values): string[] {
  if (type === 'google_compute_firewall') return isOpenFirewall(values) ? ['the firewall lets everybody in'] : [];
  if (type === 'google_compute_instance') return hasExternalAddress(values) ? ['the VM gets an external address'] : [];
  if (type === 'google_storage_bucket')
    return values['public_access_prevention'] === 'enforced' || Object.keys(values).length === 0
      ? []
      : ['the bucket no longer prevents public access'];
  const members = [values['member'], ...(Array.isArray(values['members']) ? values['members'] : [])].map(String);
  return EVERYBODY.filter((everybody) => members.includes(everybody)).map(
    (everybody) => `${everybody} gets ${String(values['role'] ?? 'a role')}`,
  );
}

function isOpenFirewall(values: Values): boolean {
  if (Object.keys(values).length === 0 || values['direction'] === 'EGRESS' || values['disabled'] === true) return false;
  if (!Array.isArray(values['allow']) || values['allow'].length === 0) return false;
  const ranges = (Array.isArray(values['source_ranges']) ? values['source_ranges'] : []).map(String);
  const filters = [...listOf(values['source_tags']), ...listOf(values['source_service_accounts'])];
  // Without any filter, Google takes 0.0.0.0/0. See https://cloud.google.com/firewall/docs/firewalls#sources_or_destinations_for_the_rule
  if (ranges.length === 0) return filters.length === 0;
  return ranges.some((range) => Number(range.split('/')[1] ?? 128) < SHORTEST_PREFIX);
}

function hasExternalAddress(values: Values): boolean {
  return listOf(values['network_interface']).some(
    (one) => listOf((one as Values | null)?.['access_config']).length > 0,
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isExposed(object: ManifestObject): boolean {
  const spec = (object['spec'] ?? {}) as { loadBalancerSourceRanges?: unknown };
  return (
    object.kind === 'Service' &&
    ['LoadBalancer', 'NodePort'].includes(typeOf(object)) &&
    listOf(spec.loadBalancerSourceRanges).length === 0
  );
}

function typeOf(object: ManifestObject): string {
  return String((object['spec'] as { type?: unknown } | undefined)?.type ?? 'ClusterIP');
}
