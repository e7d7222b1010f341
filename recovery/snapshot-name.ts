import { VPC } from '../contracts/vpc';

/**
 * The name of a snapshot made after a layer was applied.
 *
 * The base layer's carries the layer alone (`snapshot-00-vpc-20251031-151137`), every later one the VM too
 * (`threads-prod-vm-01-k8s-20251101-144736`): the names that existing platforms have and sort by.
 *
 * @param at - the moment, written in UTC.
 */
export function snapshotName(layer: string, vm: string, at: Date): string {
  const [date = '', time = ''] = at.toISOString().replace(/[-:]/g, '').split('T');
  return `${layer === VPC.layer ? 'snapshot' : vm}-${layer}-${date}-${time.slice(0, 6)}`;
}
