import { z } from 'zod';
import { FailedError } from '../errors';
import type { Identity } from '../platforms/schema/identity';
import type { Stack } from '../terraform/stack';

const recordSchema = z.object({
  address: z.string(),
  nodeName: z.string(),
  certificateNames: z.array(z.string()),
  /** Serial numbers of the states of the layers that were deployed, by stack id. */
  serials: z.record(z.string(), z.int()),
  /** The cluster, if it answered. @default - it did not */
  cluster: z
    .object({
      /** Unique id of namespace kube-system: that of a cluster does not change, and a new cluster has another one. */
      id: z.string(),
      /** Volumes by the node that they are bound to and their reclaim policy. */
      volumes: z.array(z.object({ node: z.string(), policy: z.string(), count: z.int() })),
    })
    .optional(),
});

/**
 * The identity of a VM and the state of its layers at the time of a snapshot. The snapshot itself has the id of the disk.
 */
export type IdentityRecord = z.output<typeof recordSchema>;

/** What a record says about the cluster on the VM. */
export type ClusterRecord = NonNullable<IdentityRecord['cluster']>;

/**
 * Reads the record of a VM from the current states of its layers.
 *
 * @param stacks - the layers of its environment, 00-vpc first.
 * @param cluster - what the cluster says about itself. @default - it is not part of the record
 * @throws if the state of 00-vpc lacks the identity of the VM.
 */
export async function readIdentity(stacks: readonly Stack[], cluster?: ClusterRecord): Promise<IdentityRecord> {
  const [ground] = stacks;
  const { vm_internal_ip: address, node_name: nodeName, certificate_names: names } = (await ground?.outputs()) ?? {};
  if (!address || !nodeName || !names) {
    throw new Error(
      `the state of ${ground?.id} lacks the identity of its VM: outputs vm_internal_ip, node_name and certificate_names; deploy ${ground?.id} first`,
    );
  }
  return {
    address: String(address),
    nodeName: String(nodeName),
    certificateNames: String(names).split(','),
    serials: await serialsOf(stacks),
    ...(cluster && { cluster }),
  };
}

/**
 * The last layer of an environment whose state has resources. Snapshots have its name.
 *
 * @param layers - the ids of `stacks`, in the same order.
 * @throws {FailedError} when none is deployed.
 */
export async function lastDeployed(layers: readonly string[], stacks: readonly Stack[]): Promise<string> {
  const counts = await Promise.all(stacks.map(async (stack) => (await stack.resources()).length));
  const last = layers.filter((_, index) => Number(counts[index]) > 0).at(-1);
  if (last) return last;
  throw new FailedError(
    `no layer is deployed: ${stacks.map(({ id }) => id).join(', ')} have no resources; deploy ${stacks[0]?.id} first`,
  );
}

/** Serial numbers of the existing states, by stack id. */
export async function serialsOf(stacks: readonly Stack[]): Promise<IdentityRecord['serials']> {
  const all = await Promise.all(stacks.map(async (stack) => [stack.id, await stack.serial()] as const));
  return Object.fromEntries(all.filter(([, serial]) => serial > 0));
}

/** The description of a snapshot, with the record. It is deleted with the snapshot, and survives the VM. */
export function describeSnapshot(layer: string, record: IdentityRecord): string {
  return `after layer ${layer} was applied; identity ${JSON.stringify(record)}`;
}

/** The record in a snapshot's description; undefined if it has none, like the scheduled snapshots. */
export function recordIn(description: string): IdentityRecord | undefined {
  const [, json] = /; identity (\{.*\})$/.exec(description) ?? [];
  try {
    return recordSchema.safeParse(JSON.parse(json ?? 'null')).data;
  } catch {
    return undefined;
  }
}

/** The differences between the wanted identity of a VM and the actual one. Fields that were not read are not compared. */
export function identityDifferences(wanted: Identity, found: Partial<Identity>): string[] {
  const words = (value: string | readonly string[]) => [value].flat().join(', ');
  const difference = (what: string, key: keyof Identity) => {
    const value = found[key];
    if (value === undefined || words(value) === words(wanted[key])) return [];
    return [`${what} is ${words(value)}, not ${words(wanted[key])}`];
  };
  return [
    ...difference('address', 'address'),
    ...difference('node name', 'nodeName'),
    ...difference('names in the certificate', 'certificateNames').map((line) => line.replace(' is ', ' are ')),
  ];
}

/** The differences between the cluster at the time of a snapshot and the one on the restored VM: another cluster, or lost volumes. */
export function clusterDifferences(then: ClusterRecord, now: ClusterRecord): string[] {
  if (then.id !== now.id)
    return [`cluster is ${now.id}, not ${then.id}: it is a new one, without the data of the snapshot`];
  return then.volumes.flatMap(({ node, policy, count }) => {
    const found = now.volumes.find((one) => one.node === node && one.policy === policy)?.count ?? 0;
    return found < count ? [`volumes on node ${node} with ${policy} are ${found}, not ${count}`] : [];
  });
}

/** Changes of the layers since a snapshot, which the restored cluster will lack. */
export function layersSince(record: IdentityRecord, serials: IdentityRecord['serials']): string[] {
  const ids = [...new Set([...Object.keys(record.serials), ...Object.keys(serials)])];
  return ids.flatMap((id) => {
    const [then, now] = [record.serials[id] ?? 0, serials[id] ?? 0];
    if (then === now) return [];
    const what = now > then ? 'was written since' : 'is older than the snapshot';
    return [`state of ${id} ${what}: serial ${then} at the snapshot, ${now} now`];
  });
}
