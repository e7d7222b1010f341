import { types } from '../sandbox/google/machine-types.json';
import type { StateResource } from '../terraform/stack';
import { type Item, isItem, LIST_PRICES, REGIONS } from './list-prices';

/** Hours of a month on Google's price pages. */
export const HOURS_A_MONTH = 730;

/** A machine type as it is billed: of a shared core, the part of a vCPU that `billedCpus` says. */
interface Shape {
  readonly cpus: number;
  readonly billedCpus?: number;
  readonly memoryMiB: number;
}

const MACHINE_TYPES: Readonly<Record<string, Shape>> = types;

/** Types that are free. Other types without a price are reported as not priced. */
const FREE = new Set([
  'google_artifact_registry_repository_iam_member',
  'google_compute_disk_resource_policy_attachment',
  'google_compute_firewall',
  'google_compute_network',
  'google_compute_router',
  'google_compute_subnetwork',
  'google_monitoring_notification_channel',
  'google_project_iam_custom_role',
  'google_project_iam_member',
  'google_project_service',
  'google_secret_manager_secret_iam_member',
  'google_service_account',
  'google_storage_bucket_iam_member',
  'time_sleep',
]);

/** One line of the bill. */
export interface CostRow {
  readonly what: string;
  readonly quantity: number;
  readonly unit: string;
  /** USD for one unit; null if the price is unknown. */
  readonly unitPrice: number | null;
  /** Month in which the price was confirmed on Google's page; null if it was not. */
  readonly confirmed: string | null;
  /** USD a month; null if the price is unknown, unlike 0 for free resources. */
  readonly usd: number | null;
}

/** Monthly cost by list prices. */
export interface MonthlyCost {
  readonly currency: 'USD';
  /** The sum of all rows that have a price. */
  readonly month: number;
  /** The most expensive first, those without a price last. */
  readonly rows: readonly CostRow[];
}

/** Usage that a state does not contain. */
export interface Use {
  /** Hours a month that a VM with a power schedule is awake. */
  readonly hoursAwake: number;
  /** GB a month that go through NAT. @default 10 */
  readonly natGb?: number;
  /** GB of images in the registry. @default 5 */
  readonly imagesGb?: number;
  /** GB in each bucket. @default 5 */
  readonly bucketGb?: number;
}

/** A line of the bill before it is priced; without `item` if the price is unknown. */
interface Line {
  readonly what: string;
  readonly quantity: number;
  readonly item?: Item;
}

/** The monthly cost of the resources in a state. Spot VMs count as never preempted. */
export function monthlyCost(resources: readonly StateResource[], use: Use): MonthlyCost {
  const lines = resources.filter(({ type }) => !FREE.has(type)).flatMap((one) => linesOf(one, resources, use));
  const rows = merged(lines).map(rowOf);
  const known = rows.filter(({ usd }) => usd !== null).sort((a, b) => (b.usd ?? 0) - (a.usd ?? 0));
  return {
    currency: 'USD',
    month: cents(known.reduce((sum, { usd }) => sum + (usd ?? 0), 0)),
    rows: [...known, ...rows.filter(({ usd }) => usd === null)],
  };
}

function linesOf(resource: StateResource, all: readonly StateResource[], use: Use): Line[] {
  const { type, values } = resource;
  // Cloud Storage returns locations in upper case.
  const place = lastPart(values['region'] ?? values['zone'] ?? values['location'] ?? '').toLowerCase();
  if (place && !REGIONS.some((region) => place === region || place.startsWith(`${region}-`))) {
    return [unknown(`${type} in ${place}`)];
  }
  const machines = all.filter((one) => one.type === 'google_compute_instance');
  switch (type) {
    case 'google_compute_instance':
      return machine(values, use);
    case 'google_compute_disk': {
      const kind = lastPart(values['type']);
      return isItem(kind) ? [{ what: `disk ${kind}`, quantity: size(values), item: kind }] : [unknown(`disk ${kind}`)];
    }
    case 'google_compute_resource_policy': {
      if (empty(values['snapshot_schedule_policy'])) return [];
      const disks = all.filter((one) => one.type === 'google_compute_disk');
      return [{ what: 'snapshots, as if the disk were full once', quantity: sum(disks, size), item: 'snapshot' }];
    }
    case 'google_compute_router_nat':
      return [
        { what: 'NAT gateway', quantity: sum(machines, (one) => hoursOf(one, use)), item: 'NAT gateway' },
        { what: 'NAT external address', quantity: HOURS_A_MONTH, item: 'NAT address' },
        { what: 'NAT traffic, assumed', quantity: use.natGb ?? 10, item: 'NAT traffic' },
      ];
    case 'google_compute_address':
      return values['address_type'] === 'INTERNAL'
        ? [{ what: 'static internal address', quantity: 1, item: 'internal address' }]
        : [unknown('external address')];
    case 'google_artifact_registry_repository':
      return [{ what: 'images in Artifact Registry, assumed', quantity: use.imagesGb ?? 5, item: 'images' }];
    case 'google_storage_bucket':
      return [{ what: 'bucket of dumps, assumed', quantity: use.bucketGb ?? 5, item: 'Standard storage' }];
    case 'google_secret_manager_secret':
      return [{ what: 'secrets, one active version each', quantity: 1, item: 'secret' }];
    case 'google_cloud_scheduler_job':
      return [{ what: 'scheduled jobs', quantity: 1, item: 'scheduled job' }];
    default:
      return [unknown(type)];
  }
}

function machine(values: StateResource['values'], use: Use): Line[] {
  const machineType = lastPart(values['machine_type']);
  const shape = MACHINE_TYPES[machineType];
  const [scheduling] = (values['scheduling'] ?? []) as { provisioning_model?: string }[];
  const suffix = scheduling?.provisioning_model === 'SPOT' ? ', spot' : '';
  const [family = ''] = machineType.split('-');
  const [cpu, memory] = [`${family} vCPU${suffix}`, `${family} memory${suffix}`];
  if (!shape || !isItem(cpu) || !isItem(memory)) return [unknown(`VM ${machineType}`)];
  const hours = hoursOf(values, use);
  const cpus = (shape.billedCpus ?? shape.cpus) * hours;
  return [
    { what: `VM ${machineType}${suffix}: vCPU`, quantity: cpus, item: cpu },
    { what: `VM ${machineType}${suffix}: memory`, quantity: (shape.memoryMiB / 1024) * hours, item: memory },
  ];
}

/** A VM with a schedule runs only in its hours; any other runs the whole month. */
function hoursOf(values: StateResource['values'], { hoursAwake }: Use): number {
  return empty(values['resource_policies']) ? HOURS_A_MONTH : hoursAwake;
}

/** Merges equal lines into one. */
function merged(lines: readonly Line[]): Line[] {
  const found = new Map<string, Line>();
  for (const line of lines) {
    found.set(line.what, { ...line, quantity: line.quantity + (found.get(line.what)?.quantity ?? 0) });
  }
  return [...found.values()];
}

function rowOf({ what, quantity, item }: Line): CostRow {
  if (!item) return { what, quantity, unit: 'resource', unitPrice: null, confirmed: null, usd: null };
  const { unit, price, date } = LIST_PRICES[item];
  return { what, quantity: cents(quantity), unit, unitPrice: price, confirmed: date, usd: cents(quantity * price) };
}

function unknown(what: string): Line {
  return { what, quantity: 1 };
}

function sum(resources: readonly StateResource[], of: (values: StateResource['values']) => number): number {
  return resources.reduce((total, { values }) => total + of(values), 0);
}

function size(values: StateResource['values']): number {
  return Number(values['size']);
}

function lastPart(link: unknown): string {
  return String(link).replace(/^.*\//, '');
}

function empty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
