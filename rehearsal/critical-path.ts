import { projectOf, zoneOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { readRestores } from '../platforms/schema/restore';
import type { Rehearsal } from './rehearsal';
import type { Phase } from './report';

/**
 * The parts of a disk restore that wait for each other, from the times that the cloud has noted. What runs in parallel to them,
 * such as updates of the watchdog, is on no such path.
 */
export async function restorePath(r: Rehearsal): Promise<Phase[]> {
  const { platform, env } = r;
  const restores = readRestores(r.restoreFile, platform);
  const names = namesOf(platform.name, env);
  const place = { project: projectOf(platform), zone: zoneOf({ ...platform, restores }, env) };
  const generation = restores[env]?.generation ?? 1;
  const [disk, vm] = await Promise.all([
    r.clients.compute.disks.get({ ...place, disk: names.bootDisk(generation) }),
    r.clients.compute.instances.get({ ...place, instance: names.vm }),
  ]);
  const moments = [
    r.moments.get('loss'),
    Date.parse(disk.data.creationTimestamp ?? ''),
    Date.parse(vm.data.creationTimestamp ?? ''),
    r.moments.get('cluster answers'),
    r.ground.now(),
  ];
  return PHASES.map((phase, index) => {
    const [start = Number.NaN, end = Number.NaN] = [moments[index], moments[index + 1]];
    return { ...phase, seconds: Math.max(0, Math.round((end - start) / 1000)) };
  });
}

const PHASES: readonly Omit<Phase, 'seconds'>[] = [
  { name: 'choose a snapshot, plan', shorter: 'nothing: terraform reads every resource once' },
  { name: 'create the disk', shorter: 'a smaller disk, a faster disk type, or more frequent snapshots' },
  {
    name: 'create and boot the VM, start k0s',
    shorter: 'a larger machine type; k0s and images are already on the disk',
  },
  { name: 'start the application', shorter: 'fewer or faster start-up probes; requests that fit the VM' },
];
