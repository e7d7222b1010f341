import { type Context, ProviderError } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import type { World } from '../../world';
import { CloudError, inUse, invalidField } from '../cloud-error';
import { referred, referredKey } from '../references';
import { refuseUnscheduled } from '../scheduler';
import { block, COMPUTE_NAME, lastOf, regionOf, text } from '../values';
import { takeExternal } from './address';
import { diskArchitecture } from './disk';
import { refuseUnknownImage } from './images';
import { machineType } from './machine-types';

/** Families whose machine types take GPUs. Source: Compute Engine, GPU machine types. */
const WITH_GPU = /^(n1|a2|a3|a4|g2|g4)-|^custom-/;

/**
 * Refuses an instance that Compute Engine would not create, or not start.
 *
 * @throws {CloudError} with its message, as far as it is known.
 */
export function refuseUnusable(values: Values, context: Context, key: string): void {
  refuseUnscheduled(values, context);
  refuseMachineType(values, context.world);
  refuseScheduling(values);
  refuseTags(values);
  refuseDisks(values, context.world, key);
  refuseAccount(values, context.world);
  const region = regionOf(text(values, 'zone'));
  for (const nic of blocks(values, 'network_interface')) {
    for (const config of blocks(nic, 'access_config')) {
      const wanted = text(config, 'nat_ip');
      if (wanted && !isOwn(wanted, key, context.world)) takeExternal(wanted, region, key, context.world);
    }
  }
}

function refuseMachineType(values: Values, world: World): void {
  const name = lastOf(values['machine_type'] ?? '');
  const type = machineType(name);
  if (!type) {
    throw new ProviderError(
      `the sandbox does not simulate the machine type "${name}"`,
      'If Compute Engine has it, add it to sandbox/google/machine-types.json.',
    );
  }
  const disk = diskArchitecture(world, values);
  if ((disk === 'ARM64') !== (type.architecture === 'arm64')) {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `Machine type architecture (${type.architecture}) is not compatible with the boot disk's (${disk})`,
    });
  }
  const gpus = blocks(values, 'guest_accelerator').filter(({ count }) => Number(count) > 0);
  if (gpus.length === 0) return;
  if (!WITH_GPU.test(name)) {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `[${name}] features are not compatible for creating instance with GPUs.`,
    });
  }
  if (text(block(values, 'scheduling') ?? {}, 'on_host_maintenance') !== 'TERMINATE') {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: 'Instances with guest accelerators do not support live migration.',
    });
  }
}

function refuseScheduling(values: Values): void {
  const scheduling = block(values, 'scheduling') ?? {};
  const isSpot = text(scheduling, 'provisioning_model') === 'SPOT' || scheduling['preemptible'] === true;
  if (isSpot && scheduling['automatic_restart'] !== false && 'automatic_restart' in scheduling) {
    throw invalidField(
      'resource.scheduling.automaticRestart',
      'true',
      'Scheduling must have automatic restart be false for preemptible and Spot instances',
    );
  }
}

function refuseTags(values: Values): void {
  for (const [index, tag] of ((values['tags'] as string[] | null | undefined) ?? []).entries()) {
    if (COMPUTE_NAME.test(tag)) continue;
    throw invalidField(`resource.tags.items[${index}]`, tag, `Must be a match of regex '${COMPUTE_NAME.source}'`);
  }
}

/** Disks are in the zone of their instance, and one that is written to has no other. */
function refuseDisks(values: Values, world: World, key: string): void {
  const image = text(block(block(values, 'boot_disk') ?? {}, 'initialize_params') ?? {}, 'image');
  if (image) refuseUnknownImage(image);
  for (const attached of [...blocks(values, 'boot_disk'), ...blocks(values, 'attached_disk')]) {
    const disk = referred(world, 'google_compute_disk', attached['source'], values);
    if (!disk) continue;
    const zone = lastOf(String(disk.values['zone']));
    if (zone !== lastOf(values['zone'] ?? '')) {
      throw invalidField(
        'resource.disks[0].source',
        text(attached, 'source'),
        'Disk must be in the same zone as the instance',
      );
    }
    const user = world
      .list('google_compute_instance')
      .find((other) => other.key !== key && holds(other.values as Values, disk.key));
    if (user && text(attached, 'mode') !== 'READ_ONLY') {
      throw inUse('disk', disk.key, user.key);
    }
  }
}

function holds(instance: Values, disk: string): boolean {
  return [...blocks(instance, 'boot_disk'), ...blocks(instance, 'attached_disk')].some(
    (one) => text(one, 'source') !== '' && referredKey('google_compute_disk', text(one, 'source'), instance) === disk,
  );
}

function refuseAccount(values: Values, world: World): void {
  const account = text(block(values, 'service_account') ?? {}, 'email');
  const known = world.list('google_service_account').some((one) => one.values['email'] === account);
  if (account.includes('@') && !account.includes('-compute@developer') && !known) {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `The resource '${account}' of type 'serviceAccount' was not found`,
    });
  }
}

/** Whether an instance has this external address already: one that came with it needs no reservation. */
function isOwn(wanted: string, key: string, world: World): boolean {
  const known = world.get('google_compute_instance', key)?.values as Values | undefined;
  const configs = known ? blocks(known, 'network_interface').flatMap((nic) => blocks(nic, 'access_config')) : [];
  return configs.some((config) => text(config, 'nat_ip') === wanted);
}

function blocks(values: Values, name: string): Values[] {
  return (values[name] as Values[] | null | undefined) ?? [];
}
