import type { Context } from '../../protocol/behaviour';
import { isUnknown, type Values } from '../../protocol/values';
import type { CloudObject, DiskContent, World } from '../../world';
import { CloudError, invalidField, notFound } from '../cloud-error';
import { referred, referredKey } from '../references';
import { defineResource } from '../resource';
import { block, lastOf, text } from '../values';
import { findImage, refuseUnknownImage } from './images';
import { refuseZone } from './places';

/** Types of persistent disks and Hyperdisks. Source: Compute Engine, disk types. */
const TYPES = [
  ...['pd-standard', 'pd-balanced', 'pd-ssd', 'pd-extreme'],
  ...['hyperdisk-balanced', 'hyperdisk-balanced-high-availability', 'hyperdisk-extreme', 'hyperdisk-ml'],
  'hyperdisk-throughput',
];

/** Not an attribute of terraform's: what the guest on the disk runs on, handed on through snapshots. */
const ARCHITECTURE = 'guest architecture';
/** Not one either: the id of the disk that a snapshot was taken of. The API shows it. */
export const SOURCE_DISK_ID = 'source disk id';

/** A persistent disk. Made from an image it is empty; made from a snapshot it holds what the snapshot held. */
export const disk = defineResource({
  type: 'google_compute_disk',
  noun: 'disk',
  key: 'projects/{project}/zones/{zone}/disks/{name}',
  arguments: {
    // ForceNewIfChange("size", IsDiskShrinkage) in resource_compute_disk.go of google 6.50.0: a disk never shrinks in place.
    size: {
      change: (before, after) => (isUnknown(after) || Number(after) < Number(before) ? 'replace' : 'in-place'),
    },
  },
  refers: { snapshot: 'google_compute_snapshot' },
  copies: true,
  release: detach,
  recomputed: ['label_fingerprint'],
  admit: (values, context) => {
    const image = text(values, 'image');
    refuseZone(text(values, 'zone'));
    refuseType(text(values, 'type'));
    if (image) refuseUnknownImage(image);
    const snapshot = referred(context.world, 'google_compute_snapshot', values['snapshot'], values);
    const status = snapshot?.values['status'];
    if (snapshot && status !== undefined && status !== 'READY') {
      throw new CloudError({
        status: 400,
        reason: 'resourceNotReady',
        message: `The resource '${snapshot.key}' is not ready (${String(status)})`,
      });
    }
    const needed = Number(snapshot?.values['disk_size_gb'] ?? findImage(image)?.sizeGb ?? 0);
    if (values['size'] != null && Number(values['size']) < needed) {
      throw invalidField(
        'resource.sizeGb',
        values['size'],
        `Requested disk size cannot be smaller than the source size (${needed} GB)`,
      );
    }
  },
  computed: (values, context): Values => {
    const snapshot = referred(context.world, 'google_compute_snapshot', values['snapshot'], values);
    return {
      disk_id: context.world.nextId(),
      creation_timestamp: context.world.clock.iso(),
      label_fingerprint: context.world.nextId(),
      size:
        values['size'] ?? Number(snapshot?.values['disk_size_gb'] ?? findImage(text(values, 'image'))?.sizeGb ?? 10),
      [ARCHITECTURE]:
        values['architecture'] ??
        (snapshot?.values[ARCHITECTURE] as string | undefined) ??
        findImage(text(values, 'image'))?.architecture ??
        'X86_64',
      physical_block_size_bytes: values['physical_block_size_bytes'] ?? 4096,
      source_snapshot_id: String(snapshot?.values['snapshot_id'] ?? ''),
      provisioned_iops: 0,
      provisioned_throughput: 0,
      enable_confidential_compute: false,
      access_mode: 'READ_WRITE_SINGLE',
      users: [],
      licenses: [],
      source_image_id: '',
      last_attach_timestamp: '',
      last_detach_timestamp: '',
    };
  },
  made: (values, context, key) => {
    const snapshot = text(values, 'snapshot');
    const source = snapshot && referredKey('google_compute_snapshot', snapshot, values);
    context.world.data.disks[key] = source ? copyContent(context.world, source) : {};
    context.world.changed();
  },
  unmake: (_values, context, key) => {
    delete context.world.data.disks[key];
  },
  takes: {
    create: (values) => (text(values, 'snapshot') ? 'disk from snapshot' : 'disk from image'),
    update: 'instance update',
    delete: 'disk deletion',
  },
});

/** A snapshot: a copy of what its disk held at that moment. */
export const snapshot = defineResource({
  type: 'google_compute_snapshot',
  noun: 'snapshot',
  key: 'projects/{project}/global/snapshots/{name}',
  refers: { source_disk: 'google_compute_disk' },
  copies: true,
  recomputed: ['label_fingerprint'],
  computed: (values, context, key) => takeSnapshot(context.world, key, values),
  unmake: (_values, context, key) => {
    delete context.world.data.disks[key];
  },
  takes: { create: 'snapshot of a disk', delete: 'disk deletion' },
});

/** Ends the making of a snapshot that terraform did not ask for. Its labels are the caller's alone. */
export function finishSnapshot(world: World, key: string): void {
  const made = world.get('google_compute_snapshot', key);
  if (!made) return;
  const labels = ownLabels(made.values['labels'] as Values);
  world.put({ ...made, values: { ...made.values, ...labels, status: 'READY' } });
}

/** Labels of what terraform did not make: its own are not among them. */
export function ownLabels(labels: Values): Values {
  return { labels, effective_labels: labels, terraform_labels: {} };
}

/** Makes the disk that an instance asks for in passing, and returns its attributes. */
export function makeDisk(key: string, values: Values, context: Context): Values {
  const image = findImage(text(values, 'image'));
  const size = values['size'] ?? image?.sizeGb ?? 10;
  refuseType(text(values, 'type'));
  if (image && Number(size) < image.sizeGb) {
    throw invalidField(
      'resource.disks[0].initializeParams.diskSizeGb',
      size,
      `Requested disk size cannot be smaller than the image size (${image.sizeGb} GB)`,
    );
  }
  const self_link = `https://www.googleapis.com/compute/v1/${key}`;
  const made: Values = { ...values, id: key, self_link, size, disk_id: context.world.nextId() };
  made[ARCHITECTURE] = findImage(text(values, 'image'))?.architecture ?? 'X86_64';
  context.world.put({ type: 'google_compute_disk', key, values: made });
  context.world.data.disks[key] = {};
  return made;
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

/** Takes a data disk off an instance, as the provider does before it deletes the disk. */
function detach(user: CloudObject, key: string, { world }: Context): boolean {
  const instance = user.values as Values;
  const attached = (instance['attached_disk'] as Values[] | null | undefined) ?? [];
  const others = attached.filter((one) => referredKey('google_compute_disk', text(one, 'source'), instance) !== key);
  if (user.type !== 'google_compute_instance' || others.length === attached.length) return false;
  world.put({ ...user, values: { ...instance, attached_disk: others } });
  return true;
}

function refuseType(reference: string): void {
  if (!reference || TYPES.includes(lastOf(reference))) return;
  const rule = 'The referenced diskType resource cannot be found';
  throw invalidField('resource.type', reference, rule, `known are ${TYPES.join(', ')}`);
}

/** Copies the disk's content under the snapshot's key and returns the snapshot's computed attributes. */
function takeSnapshot(world: World, key: string, values: Values): Values {
  const source = referred(world, 'google_compute_disk', values['source_disk'], values);
  if (!source) throw notFound(text(values, 'source_disk'));
  world.data.disks[key] = copyContent(world, source.key);
  return {
    snapshot_id: Number(world.nextId().slice(-9)),
    creation_timestamp: world.clock.iso(),
    disk_size_gb: source.values['size'] as number,
    label_fingerprint: world.nextId(),
    storage_bytes: 0,
    [ARCHITECTURE]: String(source.values[ARCHITECTURE]),
    [SOURCE_DISK_ID]: String(source.values['disk_id']),
    licenses: [],
    storage_locations: (values['storage_locations'] as string[] | null)?.length
      ? (values['storage_locations'] as string[])
      : [multiRegionOf(text(source.values as Values, 'zone'))],
  };
}

/** The architecture of the image that a VM boots from, through its boot disk. */
export function diskArchitecture(world: World, instance: Values): string {
  const boot = block(instance, 'boot_disk');
  const image = text(block(boot ?? {}, 'initialize_params') ?? {}, 'image');
  if (image) return findImage(image)?.architecture ?? 'X86_64';
  const source = boot && referred(world, 'google_compute_disk', boot['source'], instance);
  return String(source?.values[ARCHITECTURE] ?? 'X86_64');
}

function copyContent(world: World, key: string): DiskContent {
  return structuredClone(world.data.disks[key] ?? {});
}
