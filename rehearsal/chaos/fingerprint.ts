import type { WorldData } from '../../sandbox';

/** The clouds and the states as sorted lines, without what differs from run to run: numbers, times and random ids. */
export type Fingerprint = readonly string[];

/** Kinds that controllers create, with random names, or whose number depends on the history. */
const CREATED_BY_CONTROLLERS = /\/(Event|Pod|ReplicaSet|Job|EndpointSlice|Endpoints|ControllerRevision|Lease)\//;

/** The record that helm keeps of each version of a release. */
const HELM_RECORD = /sh\.helm\.release\.v1\.([\w-]+)\.v\d+/;

/** What the clouds hold and the states know. */
export function fingerprintOf(world: WorldData): Fingerprint {
  const resources = Object.values(world.resources).flatMap((ofType) =>
    Object.values(ofType).map(({ type, key, values }) => `${type} ${key} ${name(values['display_name'])}`),
  );
  const objects = Object.entries(world.disks).flatMap(([disk, { cluster }]) =>
    Object.keys(cluster?.objects ?? {})
      .filter((key) => !CREATED_BY_CONTROLLERS.test(key))
      .map((key) => `${disk} ${key.replace(HELM_RECORD, 'sh.helm.release.v1.$1')}`),
  );
  const stored = Object.values(world.buckets).flatMap((bucket) =>
    Object.entries(bucket).flatMap(([path, { data }]) =>
      path.endsWith('.tfstate') ? addressesIn(data).map((address) => `${path} ${address}`) : [path],
    ),
  );
  return [...resources, ...new Set(objects), ...stored].map(masked).sort();
}

/** What is in one fingerprint and not in the other, each line with its sign. */
export function differences(expected: Fingerprint, actual: Fingerprint): string[] {
  const left = (from: Fingerprint, taken: Fingerprint) => {
    const rest = [...taken];
    return from.filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
  };
  return [...left(expected, actual).map((line) => `- ${line}`), ...left(actual, expected).map((line) => `+ ${line}`)];
}

/** Addresses in a stored state. */
function addressesIn(data: string): string[] {
  const { resources = [] } = JSON.parse(Buffer.from(data, 'base64').toString()) as {
    readonly resources?: readonly {
      readonly mode: string;
      readonly type: string;
      readonly name: string;
      readonly instances: readonly object[];
    }[];
  };
  return resources
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ type, name: own, instances }) => instances.map(() => `${type}.${own}`));
}

function masked(line: string): string {
  return line.replace(/\d{6,}/g, '#').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'uuid');
}

function name(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
