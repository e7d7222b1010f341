import type { Values } from '../../protocol/values';
import type { Machine, World } from '../../world';
import { DURATIONS } from '../durations';
import { referred, referredKey } from '../references';
import { block, text } from '../values';
import { machineType } from './machine-types';

/** Starts an instance: its guest boots in simulated time, in parallel to everything else. */
export function powerOn(world: World, key: string): void {
  const values = world.get('google_compute_instance', key)?.values as Values | undefined;
  if (!values) return;
  const type = machineType(text(values, 'machine_type'));
  const metadata = (values['metadata'] as Values | null) ?? {};
  const nic = block(values, 'network_interface') ?? {};
  world.data.machines[key] = {
    name: text(values, 'name'),
    address: text(nic, 'network_ip'),
    architecture: type?.architecture ?? 'amd64',
    memoryMiB: type?.memoryMiB ?? 0,
    cpus: type?.cpus ?? 0,
    disk: referredKey('google_compute_disk', text(block(values, 'boot_disk') ?? {}, 'source'), values),
    startupScript: text(metadata, 'startup-script') || text(values, 'metadata_startup_script'),
    state: 'booting',
  };
  scheduleBoot(world, key);
}

/** Switches an instance off, at once. What is on its disks stays. */
export function powerOff(world: World, key: string): void {
  const machine = world.data.machines[key];
  if (!machine) return;
  machine.state = 'stopped';
  world.events.emit('machine', key);
  world.changed();
}

/**
 * Takes a spot machine away, as Google does when it needs the room: the instance stops, its disk stays, and nothing starts
 * it again by himself.
 *
 * @throws Error when there is no such instance, or when it is not a spot one that stops.
 */
export function preempt(world: World, key: string): void {
  const scheduling = block((world.get('google_compute_instance', key)?.values ?? {}) as Values, 'scheduling') ?? {};
  if (text(scheduling, 'provisioning_model') !== 'SPOT' || text(scheduling, 'instance_termination_action') !== 'STOP') {
    throw new Error(`cannot preempt ${key}: got ${JSON.stringify(scheduling)}; only a spot instance that stops can be`);
  }
  powerOff(world, key);
}

/** Loses a machine for good, its boot disk with it, as when a zone burns or a hand slips. Snapshots stay. */
export function loseMachine(world: World, key: string): void {
  const disk = world.data.machines[key]?.disk;
  powerOff(world, key);
  world.remove('google_compute_instance', key);
  delete world.data.machines[key];
  if (!disk) return;
  world.remove('google_compute_disk', disk);
  delete world.data.disks[disk];
}

/** Loses a zone: every machine and disk in it is gone, and nothing can be created there. Snapshots stay. */
export function loseZone(world: World, zone: string): void {
  const isIn = (key: string) => key.includes(`/zones/${zone}/`);
  for (const { key } of world.list('google_compute_instance')) if (isIn(key)) loseMachine(world, key);
  for (const { key } of world.list('google_compute_disk')) {
    if (!isIn(key)) continue;
    world.remove('google_compute_disk', key);
    delete world.data.disks[key];
  }
  world.data.lostZones = [...new Set([...(world.data.lostZones ?? []), zone])];
  world.changed();
}

/** Continues boots that a killed sandbox left unfinished. */
export function resumeBoots(world: World): void {
  for (const [key, machine] of Object.entries(world.data.machines)) if (isBooting(machine)) scheduleBoot(world, key);
}

/** True when the machine reaches the internet: by an external address, or by a NAT on its network's router. */
export function hasEgress(world: World, key: string): boolean {
  const values = world.get('google_compute_instance', key)?.values as Values | undefined;
  const nic = values && block(values, 'network_interface');
  if (!values || !nic) return false;
  if ((nic['access_config'] as Values[] | null)?.length) return true;
  const network = referredKey('google_compute_network', text(nic, 'network'), values);
  return world.list('google_compute_router_nat').some((nat) => {
    const router = referred(world, 'google_compute_router', nat.values['router'] as string, nat.values as Values);
    const routed = router?.values as Values | undefined;
    return routed && referredKey('google_compute_network', text(routed, 'network'), routed) === network;
  });
}

/** Whether a machine is on and its services do not answer yet. */
export function isBooting(machine: Pick<Machine, 'state'> | undefined): boolean {
  return machine?.state === 'booting' || machine?.state === 'starting';
}

function scheduleBoot(world: World, key: string): void {
  const machine = world.data.machines[key];
  if (!machine) return;
  const k0s = world.data.disks[machine.disk]?.cluster ? 'later start of k0s' : 'first start of k0s';
  const start = machine.startupScript.includes('k0s') ? DURATIONS[k0s].typical : 0;
  const reach = (state: 'starting' | 'running') => {
    if (world.data.machines[key] !== machine || !isBooting(machine)) return;
    machine.state = state;
    if (state === 'running') world.events.emit('machine', key);
    world.changed();
  };
  const guest = machine.state === 'starting' ? 0 : DURATIONS['boot of the guest'].typical;
  if (guest > 0 && start > 0) world.clock.after(guest, () => reach('starting'));
  world.clock.after(guest + start, () => reach('running'));
}
