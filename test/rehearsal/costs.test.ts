import { HOURS_A_MONTH, monthlyCost } from '../../rehearsal/costs';
import { costLine } from '../../rehearsal/report';

const vm = (more: object = {}) => resource('google_compute_instance', { machine_type: 'e2-standard-2', ...more });
const spot = { scheduling: [{ provisioning_model: 'SPOT' }] };
const powered = { resource_policies: ['projects/p/regions/us-east1/resourcePolicies/power'] };

function resource(type: string, values: object = {}) {
  return { address: `${type}.it`, type, values: { zone: 'us-east1-b', ...values } };
}

function usd(resources: ReturnType<typeof resource>[], hoursAwake = HOURS_A_MONTH): number {
  return monthlyCost(resources, { hoursAwake }).month;
}

test.each([
  // 2 vCPU at 0.021812 and 8 GB at 0.002924, 730 hours.
  ['e2-standard-2', 48.93],
  ['e2-highmem-2', 66],
  ['e2-highcpu-2', 36.12],
  // One vCPU of it is billed.
  ['e2-medium', 24.46],
  ['projects/p/zones/us-east1-b/machineTypes/e2-small', 12.23],
])('a month of %s on demand is %s USD', (machine_type, month) => {
  expect(usd([vm({ machine_type })])).toBe(month);
});

test('a spot VM costs two fifths of one on demand', () => {
  expect(usd([vm(spot)]) / usd([vm()])).toBeCloseTo(0.4, 3);
});

test('a VM that carries a power schedule is charged for the hours that it is awake, another for all', () => {
  expect(usd([vm(powered)], 365) / usd([vm()], 365)).toBeCloseTo(0.5, 3);
  expect(usd([vm()], 365)).toBe(usd([vm()]));
});

test.each([
  ['pd-standard', 2],
  ['pd-balanced', 5],
  ['https://www.googleapis.com/compute/v1/projects/p/zones/us-east1-b/diskTypes/pd-ssd', 8.5],
])('50 GB of %s are %s USD', (type, month) => {
  expect(usd([resource('google_compute_disk', { type, size: 50 })])).toBe(month);
});

test('snapshots are priced where a policy takes them, for the size of the disk', () => {
  const disk = resource('google_compute_disk', { type: 'pd-balanced', size: 50 });
  const daily = resource('google_compute_resource_policy', { snapshot_schedule_policy: [{}] });
  const power = resource('google_compute_resource_policy', { snapshot_schedule_policy: [] });
  expect(usd([disk, daily])).toBe(7.5);
  expect(usd([disk, power])).toBe(5);
});

test('NAT is charged for its traffic, its address and each hour of the VM behind it', () => {
  const { rows } = monthlyCost([vm(powered), resource('google_compute_router_nat')], { hoursAwake: 365, natGb: 100 });
  expect(rows.filter(({ what }) => what.startsWith('NAT')).map(({ quantity, usd }) => [quantity, usd])).toEqual([
    [100, 4.5],
    [730, 3.65],
    [365, 0.51],
  ]);
});

test('a bucket is priced for an assumed size, in its region in upper case', () => {
  const bucket = { ...resource('google_storage_bucket'), values: { location: 'US-EAST1' } };
  expect(monthlyCost([bucket], { hoursAwake: 0, bucketGb: 50 }).month).toBe(1);
});

test('the same thing twice is one row', () => {
  const secrets = [resource('google_secret_manager_secret'), resource('google_secret_manager_secret')];
  expect(monthlyCost(secrets, { hoursAwake: 0 }).rows).toEqual([
    {
      what: 'secrets, one active version each',
      quantity: 2,
      unit: 'month',
      unitPrice: 0.06,
      confirmed: '2026-11',
      usd: 0.12,
    },
  ]);
});

test.each([
  ['an unknown type', resource('google_sql_database_instance'), 'google_sql_database_instance'],
  ['a machine of another family', vm({ machine_type: 'n2-standard-2' }), 'VM n2-standard-2'],
  ['a disk of another type', resource('google_compute_disk', { type: 'hyperdisk-ml', size: 5 }), 'disk hyperdisk-ml'],
  ['a region without list prices', vm({ zone: 'asia-east1-b' }), 'google_compute_instance in asia-east1-b'],
])('%s is not priced, which is not nothing', (_, one, what) => {
  const cost = monthlyCost([one], { hoursAwake: 365 });
  expect(cost.rows).toEqual([{ what, quantity: 1, unit: 'resource', unitPrice: null, confirmed: null, usd: null }]);
  expect(costLine(cost)).toBe('about 0.00 USD a month by list prices, 1 resource not priced');
});

test('what Google charges nothing for is no row', () => {
  expect(monthlyCost([resource('google_compute_network')], { hoursAwake: 0 }).rows).toEqual([]);
});
