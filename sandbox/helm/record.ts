import { gunzipSync, gzipSync } from 'node:zlib';
import { parseAllDocuments, stringify } from 'yaml';
import type { ClusterApi, ObjectRef } from '../kubernetes/api-server/api';
import type { ReleaseName } from '../kubernetes/charts/render';
import type { ChartValues } from '../kubernetes/charts/values';
import type { KubernetesObject } from '../world';

/** Status of a release, as helm names it. */
export type ReleaseStatus =
  | 'deployed'
  | 'failed'
  | 'superseded'
  | 'pending-install'
  | 'pending-upgrade'
  | 'uninstalling';

/** One revision of a release as helm keeps it: a Secret `sh.helm.release.v1.NAME.vREVISION` in its namespace. */
export interface ReleaseRecord extends ReleaseName {
  /** Revision, from 1. */
  readonly version: number;
  readonly info: {
    /** RFC 3339. */
    readonly first_deployed: string;
    readonly last_deployed: string;
    readonly status: ReleaseStatus;
    readonly description: string;
  };
  readonly chart: {
    readonly metadata: { readonly name: string; readonly version: string; readonly appVersion: string };
  };
  /** The user's values. */
  readonly config: ChartValues;
  /** YAML documents of all its objects. */
  readonly manifest: string;
}

/** Writes objects as a release's manifest. */
export function toManifest(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => `---\n${stringify(object)}`).join('');
}

/** The objects of a release's manifest. */
export function fromManifest(manifest: string): KubernetesObject[] {
  return parseAllDocuments(manifest).map((document) => document.toJS() as KubernetesObject);
}

const OWNED = { owner: 'helm' };

/** All revisions of a release that are kept, oldest first. */
export function revisions(cluster: ClusterApi, release: ReleaseName): ReleaseRecord[] {
  return cluster
    .list('', 'Secret', release.namespace)
    .filter(({ metadata: { labels } }) => labels?.owner === OWNED.owner && labels.name === release.name)
    .map(decode)
    .sort((a, b) => a.version - b.version);
}

/** Keeps a revision, new or changed. */
export function keep(cluster: ClusterApi, record: ReleaseRecord): void {
  const packed = gzipSync(JSON.stringify(record)).toString('base64');
  cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      name: secretRef(record).name,
      namespace: record.namespace,
      labels: { ...OWNED, name: record.name, status: record.info.status, version: String(record.version) },
    },
    data: { release: Buffer.from(packed).toString('base64') },
  });
}

/** Deletes a revision. */
export function deleteRevision(cluster: ClusterApi, record: ReleaseRecord): void {
  const ref = secretRef(record);
  if (cluster.get(ref)) cluster.delete(ref);
}

function secretRef({ name, namespace, version }: ReleaseRecord): ObjectRef {
  return { group: '', kind: 'Secret', namespace, name: `sh.helm.release.v1.${name}.v${version}` };
}

function decode(secret: KubernetesObject): ReleaseRecord {
  const packed = Buffer.from((secret['data'] as { release: string }).release, 'base64').toString();
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()) as ReleaseRecord;
}
