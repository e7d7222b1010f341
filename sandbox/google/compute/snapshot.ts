import type { Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import type { World } from '../../world';
import { ownLabels } from '../labels';
import { referred } from '../references';
import { defineResource } from '../resource';
import { text } from '../values';
import { copyContent } from './disk';

/** A snapshot: a copy of what is on its disk when it is taken. */
export const snapshot = defineResource({
  type: 'google_compute_snapshot',
  recomputed: ['label_fingerprint'],
  computed: (values, { world }) => {
    const source = sourceOf(values, world);
    const locations = (values['storage_locations'] as string[] | null) ?? [];
    return {
      snapshot_id: Number(world.nextId().slice(-9)),
      creation_timestamp: world.clock.iso(),
      disk_size_gb: (source?.values['size'] as number | undefined) ?? null,
      label_fingerprint: world.nextId(),
      storage_bytes: 0,
      licenses: [],
      storage_locations:
        locations.length > 0 ? locations : [multiRegionOf(text((source?.values ?? {}) as Values, 'zone'))],
    };
  },
  hidden: (values, { world }) => {
    const source = sourceOf(values, world);
    return { guestArchitecture: source?.hidden?.guestArchitecture, sourceDiskId: String(source?.values['disk_id']) };
  },
  beforeCreate: (values, { world }, key) => {
    world.data.disks[key] = copyContent(world, sourceOf(values, world)?.key ?? '');
  },
  beforeDelete: (_values, { world }, key) => {
    delete world.data.disks[key];
  },
  durations: { create: 'snapshot of a disk', delete: 'disk deletion' },
});

/** A snapshot that something else than terraform takes. */
export interface SnapshotRequest {
  readonly name: string;
  readonly project: string;
  /** Key or self link of the disk. */
  readonly disk: string;
  /** All labels of the snapshot. */
  readonly labels: Values;
  /** @default - none */
  readonly description?: string;
  /** @default - the multi-region nearest to the disk */
  readonly storageLocations?: readonly string[];
  /** Key of the snapshot schedule that takes it. @default - none */
  readonly schedule?: string;
}

/** Takes a snapshot in simulated time. Until it is ready its status is `CREATING`. */
export async function takeSnapshot(context: Context, request: SnapshotRequest): Promise<void> {
  const { world } = context;
  const { name, project, disk, labels, description = null, storageLocations, schedule } = request;
  const key = `projects/${project}/global/snapshots/${name}`;
  const locations = storageLocations ? [...storageLocations] : null;
  const wanted = { name, project, source_disk: disk, labels, description, storage_locations: locations };
  const taking = snapshot.create({ ...wanted, status: 'CREATING' }, context);
  const begun = world.get('google_compute_snapshot', key);
  if (begun && schedule) world.put({ ...begun, hidden: { ...begun.hidden, snapshotSchedule: schedule } });
  await taking;
  finishSnapshot(world, key);
}

/** Makes a snapshot ready that terraform did not ask for: its labels are those of the request alone. */
export function finishSnapshot(world: World, key: string): void {
  const taken = world.get('google_compute_snapshot', key);
  if (!taken) return;
  const labels = ownLabels(taken.values['labels'] as Values);
  world.put({ ...taken, values: { ...taken.values, ...labels, status: 'READY' } });
}

function sourceOf(values: Values, world: World) {
  return referred(world, 'google_compute_disk', values['source_disk'], values);
}

/**
 * Where Google keeps a snapshot that names no location: the nearest multi-region, not the region of the disk.
 *
 * Source: https://cloud.google.com/compute/docs/disks/snapshots#default_location
 */
function multiRegionOf(zone: string): string {
  const [continent = ''] = zone.split('-');
  const nearest: Readonly<Record<string, string>> = {
    asia: 'asia',
    australia: 'asia',
    europe: 'eu',
    africa: 'eu',
    me: 'eu',
  };
  return nearest[continent] ?? 'us';
}
