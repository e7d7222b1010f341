import { hasEgress } from '../google/compute/machine';
import type { World } from '../world';

/** What the first start of k0s makes of a machine. */
export interface FirstStart {
  readonly nodeName: string;
  readonly kubernetesVersion: string;
  readonly certificateNames: readonly string[];
}

/**
 * Simulates k0s on machines whose startup script starts it: its first start puts a cluster on the disk, every later one
 * finds it there.
 *
 * Call it before anything else listens for machines, so that the cluster is there when they hear of the boot.
 */
export function simulateK0s(world: World, install: (machineKey: string, start: FirstStart) => void): void {
  world.events.on('machine', (key) => {
    const machine = world.data.machines[key];
    if (machine?.state !== 'running' || !machine.startupScript.includes('k0s')) return;
    if (world.data.disks[machine.disk]?.cluster) return;
    machine.problem = hasEgress(world, key)
      ? undefined
      : 'curl: (28) Failed to connect: the VM has no external address and its network has no NAT, so k0s cannot be downloaded';
    if (!machine.problem) install(key, readStartupScript(machine.startupScript, machine));
  });
}

/** Reads the choices of a startup script: `--hostname-override`, the k0s version and the names in the certificate. */
export function readStartupScript(script: string, machine: { name: string; address: string }): FirstStart {
  const variables = new Map(
    [...script.matchAll(/^\s*(?:readonly |export )*([A-Za-z_]+)=["']?([^"'\n$]*)["']?\s*$/gm)].map((m) => [m[1], m[2]]),
  );
  const expand = (text: string) => text.replace(/\$\{?(\w+)\}?/g, (whole, name) => variables.get(name) ?? whole);
  const override = /--hostname-override[= ]["']?([^\s"']+)/.exec(script)?.[1];
  const version = /v(\d+\.\d+\.\d+)\+k0s\.\d+/.exec(script)?.[1] ?? '1.34.2';
  const sans = /^\s*sans:\s*\n((?:\s*-\s*\S+\s*\n)+)/m.exec(script)?.[1] ?? '';
  const names = [...sans.matchAll(/-\s*["']?([^\s"']+)/g)].map((match) => expand(match[1] ?? ''));
  return {
    nodeName: override ? expand(override) : machine.name,
    kubernetesVersion: version,
    certificateNames: [...new Set([...(names.length ? names : [machine.address]), '127.0.0.1', 'localhost'])],
  };
}
