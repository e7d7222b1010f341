import type { Context } from '../../protocol/behaviour';
import { isUnknown, type Values } from '../../protocol/values';
import type { CloudObject, DiskContent, World } from '../../world';
import { CloudError, invalidField } from '../cloud-error';
import { referred, referredKey } from '../references';
import { defineResource } from '../resource';
import { block, lastOf, text } from '../values';
import { findImage, refuseUnknownImage } from './images';

/** Types of persistent disks and Hyperdisks. Source: Compute Engine, disk types. */
const TYPES = [
  ...['pd-standard', 'pd-balanced', 'pd-ssd', 'pd-extreme'],
  ...['hyperdisk-balanced', 'hyperdisk-balanced-high-availability', 'hyperdisk-extreme', 'hyperdisk-ml'],
  'hyperdisk-throughput',
];

/** A persistent disk. Created from an image it is empty; created from a snapshot it holds what the snapshot held. */
export const disk = defineResource({
  type: 'google_compute_disk',
  arguments: {
    // ForceNewIfChange("size", IsDiskShrinkage) in resource_compute_disk.go of google 6.50.0: a disk never shrinks in place.
    size: {
      change: (before, after) => (isUnknown(after) || Number(after) < Number(before) ? 'replace' : 'in-place'),
    },
  },
  release: detach,
  recomputed: ['label_fingerprint'],
  validateCreate: (values, context) => {
    const image = text(values, 'image');
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
  hidden: (values, { world }) => {
    const snapshot = referred(world, 'google_compute_snapshot', values['snapshot'], values);
    const own = text(values, 'architecture') === 'ARM64' ? 'ARM64' : undefined;
    const copied = snapshot?.hidden?.guestArchitecture ?? findImage(text(values, 'image'))?.architecture;
    return { guestArchitecture: text(values, 'architecture') ? (own ?? 'X86_64') : (copied ?? 'X86_64') };
  },
  afterCreate: (values, context, key) => {
    const snapshot = text(values, 'snapshot');
    const source = snapshot && referredKey('google_compute_snapshot', snapshot, values);
    context.world.data.disks[key] = source ? copyContent(context.world, source) : {};
    context.world.changed();
  },
  beforeDelete: (_values, context, key) => {
    delete context.world.data.disks[key];
  },
  durations: {
    create: (values) => (text(values, 'snapshot') ? 'disk from snapshot' : 'disk from image'),
    update: 'instance update',
    delete: 'disk deletion',
  },
});

/** Creates the disk that the configuration of an instance describes, and returns its attributes. */
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
  const created: Values = { ...values, id: key, self_link, size, disk_id: context.world.nextId() };
  const hidden = { guestArchitecture: image?.architecture ?? 'X86_64' } as const;
  context.world.put({ type: 'google_compute_disk', key, values: created, hidden });
  context.world.data.disks[key] = {};
  return created;
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

/** The architecture of the image that a VM boots from, through its boot disk. */
export function diskArchitecture(world: World, instance: Values): 'X86_64' | 'ARM64' {
  const boot = block(instance, 'boot_disk');
  const image = text(block(boot ?? {}, 'initialize_params') ?? {}, 'image');
  if (image) return findImage(image)?.architecture ?? 'X86_64';
  const source = boot && referred(world, 'google_compute_disk', boot['source'], instance);
  return source?.hidden?.guestArchitecture ?? 'X86_64';
}

/** A copy of what is on a disk or in a snapshot. */
export function copyContent(world: World, key: string): DiskContent {
  return structuredClone(world.data.disks[key] ?? {});
}
