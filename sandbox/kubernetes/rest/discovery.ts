import type { ApiKind } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SCALABLE = ['Deployment', 'StatefulSet', 'ReplicaSet'];

/** Answers what asks the API server about itself: version, health, groups, resources. Undefined for other paths. */
export function discover(cluster: Cluster, path: string): object | string | undefined {
  if (/^\/(healthz|livez|readyz)/.test(path)) return 'ok';
  if (path === '/version') return version(cluster);
  if (path === '/api' || path === '/api/') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis' || path === '/apis/') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups(cluster) };
  if (path === '/openapi/v3') return openApiIndex(cluster);
  const [, openApi] = /^\/openapi\/v3\/(.+)$/.exec(path) ?? [];
  if (openApi) return openApiOf(cluster, openApi);
  const [, core, group, ofGroup] = /^\/(?:api\/(v1)|apis\/([^/]+)(?:\/([^/]+))?)\/?$/.exec(path) ?? [];
  if (core) return resources(cluster, '', core);
  if (group && ofGroup) return resources(cluster, group, ofGroup);
  return group ? groups(cluster).find(({ name }) => name === group) : undefined;
}

function version(cluster: Cluster): object {
  const [major, minor] = cluster.data.kubernetesVersion.split('.');
  const gitVersion = `v${cluster.data.kubernetesVersion}+k0s`;
  return { major, minor, gitVersion, platform: `linux/${cluster.host.architecture}`, compiler: 'simulated' };
}

function groups(
  cluster: Cluster,
): { kind: string; name: string; versions: object[]; preferredVersion: object | undefined }[] {
  const names = [...new Set(cluster.kinds().map(({ group }) => group))].filter(Boolean);
  return names.map((name) => {
    const all = [...new Set(cluster.kinds().flatMap((kind) => (kind.group === name ? kind.versions : [])))];
    const versions = all.map((one) => ({ groupVersion: `${name}/${one}`, version: one }));
    return { kind: 'APIGroup', apiVersion: 'v1', name, versions, preferredVersion: versions[0] };
  });
}

function resources(cluster: Cluster, group: string, of: string): object | undefined {
  const kinds = cluster.kinds().filter((kind) => kind.group === group && kind.versions.includes(of));
  if (!kinds.length) return undefined;
  const groupVersion = group ? `${group}/${of}` : of;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: kinds.flatMap(resource) };
}

function resource({ plural, kind, namespaced, shortNames }: ApiKind): object[] {
  const own = { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs: VERBS, shortNames };
  const scale = {
    name: `${plural}/scale`,
    namespaced,
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    verbs: ['get', 'patch', 'update'],
  };
  const log = { name: `${plural}/log`, namespaced, kind, verbs: ['get'] };
  return [own, ...(SCALABLE.includes(kind) ? [scale] : []), ...(kind === 'Pod' ? [log] : [])];
}

/** As much OpenAPI as kubectl wants before it leaves the checking of fields to the server. */
function openApiIndex(cluster: Cluster): object {
  const paths = new Set(
    cluster
      .kinds()
      .flatMap(({ group, versions }) => versions.map((one) => (group ? `apis/${group}/${one}` : `api/${one}`))),
  );
  return { paths: Object.fromEntries([...paths].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])) };
}

function openApiOf(cluster: Cluster, path: string): object {
  const [, group = '', of = ''] = /^(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
  const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }];
  const kinds = cluster.kinds().filter((kind) => kind.group === group && kind.versions.includes(of));
  const paths = kinds.map(({ kind, plural }) => {
    const patch = { parameters, responses: {}, 'x-kubernetes-group-version-kind': { group, version: of, kind } };
    return [`/${path}/${plural}/{name}`, { patch }];
  });
  return { openapi: '3.0.0', info: { title: 'simulated', version: of }, paths: Object.fromEntries(paths) };
}
