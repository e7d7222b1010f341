import { type GoogleClients, httpStatus } from '../clients/google';
import { type Reading, reading } from '../clients/reading';
import type { LoadedPlatform } from '../platforms/load';
import { restoreOf } from '../platforms/load';
import { architectureOf } from '../platforms/schema/cluster';
import { projectOf, vmOf } from '../platforms/schema/environment';
import { identityOf } from '../platforms/schema/identity';
import { namesOf } from '../platforms/schema/names';
import type { Stack } from '../terraform/stack';
import { serialsOf } from './identity-record';
import type { CloudFacts, RestoreFacts, Source } from './restore-facts';
import { nextGeneration } from './restore-plan';
import { snapshotsOf } from './snapshots';

/** What a restore is asked for. */
export interface RestoreRequest {
  readonly from: Source;
  /** Only snapshots made after this layer was applied. @default - any layer */
  readonly layer?: string;
  /** Zone of the restored VM. @default - where it is now */
  readonly zone?: string;
  /** Oldest acceptable data, in hours. */
  readonly maxAgeHours: number;
  /** Images of the environment's overlays that the registry lacks. */
  readonly missingImages: Reading<readonly string[]>;
}

/** Oldest acceptable data of a restore, in hours, unless somebody says otherwise: a daily snapshot, and the time it takes. */
export const MAX_AGE_HOURS = 26;

/**
 * Reads everything that a restore plan is computed from. What cannot be read becomes a note in the plan.
 *
 * @param stacks - the layers of the environment, 00-vpc first.
 * @throws when snapshots or states cannot be read.
 */
export async function readFacts(
  clients: Pick<GoogleClients, 'compute'>,
  {
    platform,
    env,
    stacks,
  }: { readonly platform: LoadedPlatform; readonly env: string; readonly stacks: readonly Stack[] },
  request: RestoreRequest,
): Promise<RestoreFacts> {
  const cluster = vmOf(platform, env);
  const snapshots = snapshotsOf(clients, platform, env);
  const present = restoreOf(platform, env);
  const names = namesOf(platform.name, env);
  const { region, zone: homeZone } = platform.google;
  const target = {
    region,
    zone: request.zone ?? present.zone ?? homeZone,
    disk: names.bootDisk(nextGeneration(present)),
    sizeGb: cluster.disk.sizeGb,
    architecture: architectureOf(cluster),
    reclaimPolicy: cluster.reclaimPolicy,
    vm: names.vm,
  };
  const { boot_disk_id: diskId } = (await stacks[0]?.outputs()) ?? {};
  const [list, now, serials, cloud] = await Promise.all([
    snapshots.list(),
    snapshots.now(),
    serialsOf(stacks),
    readCloud(clients, projectOf(platform), target),
  ]);
  return {
    owner: { platform: platform.name, environment: env },
    now,
    from: request.from,
    ...(request.layer && { layer: request.layer }),
    maxAgeHours: request.maxAgeHours,
    snapshots: list,
    diskId: diskId === undefined ? undefined : String(diskId),
    identity: identityOf(platform, env),
    target,
    serials,
    present,
    homeZone,
    cloud,
    missingImages: request.missingImages,
  };
}

async function readCloud(
  { compute }: Pick<GoogleClients, 'compute'>,
  project: string,
  { zone, region, disk, vm }: RestoreFacts['target'],
): Promise<CloudFacts> {
  const last = (link: string | null | undefined) => link?.split('/').at(-1) ?? '';
  const [place, address, present, next] = await Promise.all([
    found(async () => {
      const { data } = await compute.zones.get({ project, zone });
      return { status: data.status ?? '', region: last(data.region) };
    }),
    found(async () => {
      const { data } = await compute.addresses.get({ project, region, address: vm });
      return { address: data.address ?? '', users: (data.users ?? []).map(last) };
    }),
    found(async () => (await compute.instances.get({ project, zone, instance: vm })).data.status ?? undefined),
    found(async () => (await compute.disks.get({ project, zone, disk })).data.id ?? ''),
  ]);
  return { zone: place, address, vm: present, nextDisk: next };
}

/** A reading that is undefined where the API answers that there is no such object. */
function found<T>(read: () => Promise<T>): Promise<Reading<T | undefined>> {
  return reading(() =>
    read().catch((error: unknown) => {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }),
  );
}
