import { ProviderError } from '../../protocol/behaviour';
import type { World } from '../../world';
import { CloudError } from '../cloud-error';
import regions from '../regions.json';
import { lastOf, regionOf } from '../values';

/** Zones of a region by their letters, and the range of its subnet in auto mode. Source: Google's lists of both. */
const REGIONS = regions as Readonly<Record<string, { readonly zones: string; readonly autoRange: string }>>;

/** The range that a region has in networks in auto mode. */
export function autoRange(region: string): string | undefined {
  return REGIONS[region]?.autoRange;
}

/** The zones of a region, none if the sandbox does not know it. */
export function zonesOf(region: string): string[] {
  return [...(REGIONS[region]?.zones ?? '')].map((letter) => `${region}-${letter}`);
}

/** Refuses a region that the sandbox does not know. @throws ProviderError */
export function refuseRegion(reference: string): void {
  const region = lastOf(reference);
  if (!region || REGIONS[region]) return;
  throw new ProviderError(
    `the sandbox does not simulate the region "${region}"`,
    `Either it does not exist, or it is new: then add it to sandbox/google/regions.json. Known are ${Object.keys(REGIONS).join(', ')}.`,
  );
}

/** Whether a zone exists, by the list of regions. */
export function isZone(zone: string): boolean {
  const region = regionOf(zone);
  return [...(REGIONS[region]?.zones ?? '')].some((letter) => zone === `${region}-${letter}`);
}

/** Refuses a zone that the sandbox does not know, or that is lost. @throws ProviderError */
export function refuseZone(reference: string, world: World): void {
  const zone = lastOf(reference);
  if (world.data.lostZones?.includes(zone)) {
    throw new CloudError({
      status: 503,
      reason: 'backendError',
      message: `The zone '${zone}' is currently unavailable. Try a different zone, or try again later.`,
    });
  }
  if (!zone) return;
  const region = regionOf(zone);
  refuseRegion(region);
  if (isZone(zone)) return;
  const letters = [...(REGIONS[region]?.zones ?? '')];
  throw new ProviderError(
    `the sandbox does not simulate the zone "${zone}"`,
    `Either it does not exist, or it is new: then add it to sandbox/google/regions.json. ${region} has ${letters.map((letter) => `${region}-${letter}`).join(', ')}.`,
  );
}
