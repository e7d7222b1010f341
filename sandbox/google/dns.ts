import { isIPv4, isIPv6 } from 'node:net';
import type { Context } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { CloudError } from './cloud-error';
import { referred, referredKey } from './references';
import { defineResource } from './resource';
import { refuseUnlike, text } from './values';

const durations = { create: 'control plane call', delete: 'control plane call' } as const;

/** A domain name that ends with a dot. */
const NAME = /^([A-Za-z0-9_*-]{1,63}\.)+$/;

/** What the data of a record look like, by its type. Source: documentation of Cloud DNS, supported record types. */
const DATA: Readonly<Record<string, (data: string) => boolean>> = {
  A: isIPv4,
  AAAA: isIPv6,
  CNAME: (data) => NAME.test(data),
  MX: (data) => /^\d{1,5} /.test(data) && NAME.test(data.replace(/^\d+ /, '')),
  NS: (data) => NAME.test(data),
  PTR: (data) => NAME.test(data),
  SRV: (data) => /^\d+ \d+ \d+ \S+\.$/.test(data),
};

/** A zone of Cloud DNS. With `force_destroy` its records go with it. */
export const managedZone = defineResource({
  type: 'google_dns_managed_zone',
  validateCreate: (values) => refuseUnlike(NAME, 'entity.managedZone.dnsName', text(values, 'dns_name')),
  release: (record, key, { world }) => {
    if (world.get('google_dns_managed_zone', key)?.values['force_destroy'] !== true) return false;
    world.remove(record.type, record.key);
    return true;
  },
  computed: (_values, context) => ({
    managed_zone_id: Number(context.world.nextId().slice(-9)),
    creation_time: context.world.clock.iso(),
    name_servers: [1, 2, 3, 4].map((n) => `ns-cloud-a${n}.googledomains.com.`),
  }),
  durations,
});

/** A record in a zone. */
export const recordSet = defineResource({
  type: 'google_dns_record_set',
  validateCreate: refuseRecord,
  beforeUpdate: (_prior, values, context) => refuseRecord(values, context),
  durations,
});

/** Refuses what Cloud DNS refuses. @throws CloudError with its message */
function refuseRecord(values: Values, { world }: Context): void {
  const [name, type] = [text(values, 'name'), text(values, 'type')];
  const entity = `entity.change.additions[${name}][${type}]`;
  const zone = referred(world, 'google_dns_managed_zone', values['managed_zone'], values);
  const domain = String(zone?.values['dns_name'] ?? '');
  if (name !== domain && !name.endsWith(`.${domain}`)) {
    throw new CloudError(
      { status: 400, reason: 'invalid', message: `Invalid value for '${entity}.name': '${name}'` },
      `the zone is of ${domain}`,
    );
  }
  const wrong = ((values['rrdatas'] as string[] | null | undefined) ?? []).find((data) => DATA[type]?.(data) === false);
  if (wrong !== undefined)
    throw new CloudError({
      status: 400,
      reason: 'invalid',
      message: `Invalid value for '${entity}.rrdata': '${wrong}'`,
    });
  const key = (record: Values) => referredKey('google_dns_managed_zone', text(record, 'managed_zone'), record);
  const other = world.list('google_dns_record_set').find(({ values: theirs }) => {
    const record = theirs as Values;
    const isOther = text(record, 'name') === name && text(record, 'type') !== type && key(record) === key(values);
    return isOther && (type === 'CNAME' || text(record, 'type') === 'CNAME');
  });
  if (other) {
    throw new CloudError({
      status: 400,
      reason: 'cnameResourceRecordSetConflict',
      message: `The resource record set '${entity}' is invalid because the DNS name '${name}' may have either one CNAME resource record set or resource record sets of other types, but not both.`,
    });
  }
}
