/** What a price is per. */
type Unit = 'hour' | 'GB hour' | 'vCPU hour' | 'GB month' | 'GB' | 'month';

/** Regions that the prices hold for: the cheapest of Google's in the United States have one price list. */
export const REGIONS = ['us-central1', 'us-east1', 'us-west1'];

/**
 * List prices in USD without tax and free tiers, in the regions above, known in 2025 and to be checked before they are
 * relied on.
 *
 * Spot prices move every month: 40 percent of the price on demand is the most that Google promises to take.
 */
export const LIST_PRICES = {
  'e2 vCPU': { unit: 'vCPU hour', price: 0.021812, source: 'Compute Engine: VM instance pricing', date: '2025' },
  'e2 memory': { unit: 'GB hour', price: 0.002924, source: 'Compute Engine: VM instance pricing', date: '2025' },
  'e2 vCPU, spot': { unit: 'vCPU hour', price: 0.008725, source: 'Compute Engine: Spot VMs, 60 % off', date: '2025' },
  'e2 memory, spot': { unit: 'GB hour', price: 0.00117, source: 'Compute Engine: Spot VMs, 60 % off', date: '2025' },
  'pd-standard': { unit: 'GB month', price: 0.04, source: 'Compute Engine: disk pricing', date: '2025' },
  'pd-balanced': { unit: 'GB month', price: 0.1, source: 'Compute Engine: disk pricing', date: '2025' },
  'pd-ssd': { unit: 'GB month', price: 0.17, source: 'Compute Engine: disk pricing', date: '2025' },
  snapshot: { unit: 'GB month', price: 0.05, source: 'Compute Engine: disk pricing, regional', date: '2025' },
  'NAT gateway': { unit: 'hour', price: 0.0014, source: 'Cloud NAT: pricing, for each VM behind it', date: '2025' },
  'NAT address': { unit: 'hour', price: 0.005, source: 'VPC: external IP address pricing', date: '2025' },
  'NAT traffic': { unit: 'GB', price: 0.045, source: 'Cloud NAT: pricing', date: '2025' },
  'internal address': { unit: 'month', price: 0, source: 'VPC: internal addresses are not charged', date: '2025' },
  images: { unit: 'GB month', price: 0.1, source: 'Artifact Registry: pricing', date: '2025' },
  'Standard storage': { unit: 'GB month', price: 0.02, source: 'Cloud Storage: pricing, one region', date: '2025' },
  secret: { unit: 'month', price: 0.06, source: 'Secret Manager: pricing, for each active version', date: '2025' },
  'scheduled job': { unit: 'month', price: 0.1, source: 'Cloud Scheduler: pricing', date: '2025' },
} as const satisfies Record<string, { unit: Unit; price: number; source: string; date: string }>;

/** A key of the price list. */
export type Item = keyof typeof LIST_PRICES;

/** True for a name that the price list has. */
export function isItem(name: string): name is Item {
  return name in LIST_PRICES;
}
