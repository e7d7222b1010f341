import type { Platform } from './form';

/** Services that identities, states and secrets need. */
const ALWAYS = ['cloudresourcemanager', 'iam', 'iamcredentials', 'secretmanager', 'serviceusage', 'storage', 'sts'];

/** Services that the first plan of 00-vpc reads from. */
const WITH_A_VM = ['cloudbilling', 'compute'];

/**
 * Services of Google Cloud that have to be enabled before the first plan of any layer, as `npm run bootstrap` does. 00-vpc enables
 * those that it creates resources with.
 *
 * @returns short names, such as `compute`, sorted.
 */
export function firstServicesOf({ environments }: Pick<Platform, 'environments'>): string[] {
  const hasVm = Object.values(environments).some(({ cluster }) => cluster.kind === 'k0s-vm');
  return [...ALWAYS, ...(hasVm ? WITH_A_VM : [])].sort();
}
