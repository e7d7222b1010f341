import { prices } from '../sandbox/google/machine-types.json';

/** Unit of a price. */
type Unit = 'hour' | 'GB hour' | 'vCPU hour' | 'GB month' | 'GB' | 'month';

/** Regions of these prices: Google's cheapest regions in the United States have the same price list. */
export const REGIONS = ['us-central1', 'us-east1', 'us-west1'];

/**
 * List prices in USD without tax and free tiers, in the regions above. `date` is when a price was last confirmed on Google's
 * own page; null is a price from memory, to be checked before it is relied on.
 *
 * Spot prices change every month; Google promises at most 40 percent of the on-demand price.
 */
export const LIST_PRICES = {
  'e2 vCPU': {
    unit: 'vCPU hour',
    price: prices.e2.vCpuHour,
    source: 'Compute Engine: VM instance pricing',
    date: null,
  },
  'e2 memory': {
    unit: 'GB hour',
    price: prices.e2.memoryGbHour,
    source: 'Compute Engine: VM instance pricing',
    date: null,
  },
  'e2 vCPU, spot': {
    unit: 'vCPU hour',
    price: prices.e2.spotVCpuHour,
    source: 'Compute Engine: Spot VMs, 60 % off',
    date: null,
  },
  'e2 memory, spot': {
    unit: 'GB hour',
    price: prices.e2.spotMemoryGbHour,
    source: 'Compute Engine: Spot VMs, 60 % off',
    date: null,
  },
  'pd-standard': { unit: 'GB month', price: 0.04, source: 'Compute Engine: disk pricing', date: '2026-11' },
  'pd-balanced': { unit: 'GB month', price: 0.1, source: 'Compute Engine: disk pricing', date: null },
  'pd-ssd': { unit: 'GB month', price: 0.17, source: 'Compute Engine: disk pricing', date: '2026-11' },
  snapshot: { unit: 'GB month', price: 0.05, source: 'Compute Engine: disk pricing, regional', date: '2026-11' },
  'NAT gateway': { unit: 'hour', price: 0.0014, source: 'Cloud NAT: pricing, for each VM behind it', date: '2026-11' },
  'NAT address': { unit: 'hour', price: 0.005, source: 'VPC: external IP address pricing', date: '2026-11' },
  'NAT traffic': { unit: 'GB', price: 0.045, source: 'Cloud NAT: pricing', date: '2026-11' },
  'internal address': { unit: 'month', price: 0, source: 'VPC: internal addresses are not charged', date: null },
  images: { unit: 'GB month', price: 0.1, source: 'Artifact Registry: pricing', date: null },
  'Standard storage': { unit: 'GB month', price: 0.02, source: 'Cloud Storage: pricing, one region', date: null },
  secret: { unit: 'month', price: 0.06, source: 'Secret Manager: pricing, for each active version', date: '2026-11' },
  'scheduled job': { unit: 'month', price: 0.1, source: 'Cloud Scheduler: pricing', date: null },
} as const satisfies Record<string, { unit: Unit; price: number; source: string; date: string | null }>;

/** A key of the price list. */
export type Item = keyof typeof LIST_PRICES;

/** True if the price list has the item. */
export function isItem(name: string): name is Item {
  return name in LIST_PRICES;
}
