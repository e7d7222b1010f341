import { cluster } from '../../google/container';
import { managedZone, recordSet } from '../../google/dns';
import { bucketIamMember, projectIamBinding, projectIamMember, serviceAccountIamMember } from '../../google/iam/grants';
import { projectService, secret, serviceAccount } from '../../google/iam/service-accounts';
import { customRole } from '../../google/iam/workload-identity';
import { alertPolicy, budget, notificationChannel } from '../../google/monitoring';
import { resourcePolicy, schedulerJob } from '../../google/scheduler';
import { secretVersion } from '../../google/secret-version';
import { instance } from '../../google/sql';
import { bucket } from '../../google/storage';
import type { Context, ResourceBehaviour } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { World } from '../../world';

let context: Context;

beforeEach(() => {
  const provider = { project: 'p', region: 'us-east1', zone: 'us-east1-b' };
  context = { world: World.inMemory(), provider, home: '/nonexistent' };
});

afterEach(() => context.world.clock.stop());

async function make(behaviour: ResourceBehaviour, values: Values, config: Values = {}): Promise<Values> {
  return (await behaviour.create(values, { ...context, config })).values;
}

const CHANNEL = { type: 'email', labels: { email_address: 'a@example.com' } };
const LOGS = { conditions: [{ condition_matched_log: [{ filter: 'x' }] }] };
const GRANT = { project: 'p', member: 'user:a@b.c' };
const DUE = { name: 'j', time_zone: 'Etc/UTC' };

test.each<[string, ResourceBehaviour, Values, string]>([
  [
    'a bucket with google in its name',
    bucket,
    { name: 'my-google-data', location: 'US' },
    "Invalid bucket name: 'my-google-data'",
  ],
  ['a bucket in upper case', bucket, { name: 'Data', location: 'US' }, "Invalid bucket name: 'Data'"],
  ['a bucket nowhere', bucket, { name: 'data', location: 'us-nowhere1' }, 'does not simulate the region "us-nowhere1"'],
  [
    'a bucket of an unknown class',
    bucket,
    { name: 'data', location: 'EU', storage_class: 'HOT' },
    "Invalid storage class: 'HOT'",
  ],
  [
    'a zone without a dot at its end',
    managedZone,
    { name: 'z', dns_name: 'example.com' },
    "'example.com'. Must be a match of",
  ],
  ['a secret with a dot', secret, { secret_id: 'a.b' }, "'secret_id': 'a.b'"],
  ['a budget of no account', budget, { billing_account: '123' }, "'billingAccount': '123'"],
  [
    'a channel of an unknown type',
    notificationChannel,
    { ...CHANNEL, type: 'mail' },
    'unknown notification channel type',
  ],
  [
    'a channel without its label',
    notificationChannel,
    { type: 'email', labels: {} },
    "labels['email_address']\" is required",
  ],
  [
    'a channel with a misspelt label',
    notificationChannel,
    { type: 'email', labels: { email_address: 'a@b.c', emial: 'x' } },
    "labels['emial']\" is not allowed",
  ],
  [
    'a misspelt role',
    projectIamMember,
    { ...GRANT, role: 'roles/storage.objectViewr' },
    'Role roles/storage.objectViewr is not supported for this resource., badRequest: did you mean roles/storage.objectViewer?',
  ],
  [
    'a role of a misspelt service',
    projectIamBinding,
    { project: 'p', role: 'roles/secretmanagr.secretAccessor', members: ['user:a@b.c'] },
    'did you mean roles/secretmanager.secretAccessor?',
  ],
  [
    'a misspelt service',
    projectService,
    { project: 'p', service: 'compuet.googleapis.com' },
    'Not found or permission denied for service(s): compuet.googleapis.com.',
  ],
  [
    'a permission without a verb',
    customRole,
    { role_id: 'r', permissions: ['compute.instances'] },
    'Permission compute.instances is not valid.',
  ],
  [
    'a database with a private address in a network without a connection',
    instance,
    { name: 'db', settings: [{ ip_configuration: [{ private_network: 'projects/p/global/networks/default' }] }] },
    "Please create Service Networking connection with service 'servicenetworking.googleapis.com' from consumer network 'projects/p/global/networks/default'",
  ],
  ['an alert on logs without a limit', alertPolicy, LOGS, 'notification_rate_limit must be set'],
  ['a job with four fields', schedulerJob, { ...DUE, schedule: '0 9 * *' }, 'Schedule or time zone is invalid'],
  ['a job at hour 25', schedulerJob, { ...DUE, schedule: '0 25 * * *' }, 'Schedule or time zone is invalid'],
  [
    'a schedule of a VM at minute 60',
    resourcePolicy,
    { name: 'r', instance_schedule_policy: [{ time_zone: 'UTC', vm_stop_schedule: [{ schedule: '60 1 * * *' }] }] },
    "vmStopSchedule.schedule': '60 1 * * *'",
  ],
  [
    'a schedule of a VM in an offset',
    resourcePolicy,
    { name: 'r', instance_schedule_policy: [{ time_zone: '+08:00' }] },
    "Invalid value for field 'timeZone': '+08:00'",
  ],
  [
    'everybody on a project',
    projectIamMember,
    { project: 'p', role: 'roles/viewer', member: 'allUsers' },
    'allUsers and allAuthenticatedUsers cannot be in this policy',
  ],
  [
    'a role that is no role',
    projectIamMember,
    { project: 'p', role: 'viewer', member: 'user:a@example.com' },
    'Role viewer is not supported',
  ],
  [
    'a custom role that does not exist',
    projectIamMember,
    { project: 'p', role: 'projects/p/roles/mine', member: 'user:a@example.com' },
    'Role projects/p/roles/mine is not supported',
  ],
  [
    'a condition that is not closed',
    projectIamMember,
    {
      project: 'p',
      role: 'roles/viewer',
      member: 'user:a@example.com',
      condition: [{ title: 't', expression: 'f("a"' }],
    },
    'is no valid CEL',
  ],
  [
    'a grant on an account that does not exist',
    serviceAccountIamMember,
    {
      service_account_id: 'projects/p/serviceAccounts/nobody@p.iam.gserviceaccount.com',
      role: 'roles/iam.serviceAccountUser',
      member: 'user:a@example.com',
    },
    'Unknown service account: nobody@p.iam.gserviceaccount.com',
  ],
])('%s is refused', async (_, behaviour, values, message) => {
  await expect(make(behaviour, values)).rejects.toThrow(message);
});

test.each<[string, ResourceBehaviour, Values]>([
  ['a job in the words of App Engine', schedulerJob, { ...DUE, schedule: 'every 24 hours' }],
  ['a job on named days', schedulerJob, { ...DUE, schedule: '0 9 * JAN-MAR MON,FRI' }],
  [
    'an alert on logs with a limit',
    alertPolicy,
    { ...LOGS, alert_strategy: [{ notification_rate_limit: [{ period: '300s' }] }] },
  ],
  ['a channel of Google Chat', notificationChannel, { type: 'google_chat', labels: { space: 'spaces/x' } }],
  ['a bucket in a dual region', bucket, { name: 'data', location: 'nam4' }],
])('%s is taken', async (_, behaviour, values) => {
  await expect(make(behaviour, values)).resolves.toBeDefined();
});

test('an account of another project may be granted something, and an own role too', async () => {
  await make(bucket, { name: 'data', location: 'US' });
  const member = 'serviceAccount:ci@other.iam.gserviceaccount.com';
  await make(bucketIamMember, { bucket: 'data', role: 'roles/storage.objectViewer', member });
  await make(customRole, { role_id: 'mine' });
  await make(projectIamMember, { project: 'p', role: 'projects/p/roles/mine', member });
});

describe('records', () => {
  const record = (values: Values) =>
    make(recordSet, { managed_zone: 'z', name: 'www.example.com.', type: 'A', ...values });
  beforeEach(() => make(managedZone, { name: 'z', dns_name: 'example.com.', force_destroy: false }));

  test.each<[string, Values, string]>([
    ['of another zone', { name: 'www.example.org.' }, "name': 'www.example.org.'"],
    ['with a name for an address', { rrdatas: ['example.com.'] }, "rrdata': 'example.com.'"],
    ['of mail without a priority', { type: 'MX', rrdatas: ['mail.example.com.'] }, "rrdata': 'mail.example.com.'"],
  ])('%s are refused', async (_, values, message) => {
    await expect(record(values)).rejects.toThrow(message);
  });

  test('of a name that has an alias are refused', async () => {
    await record({ rrdatas: ['192.0.2.1'] });
    await expect(record({ type: 'CNAME', rrdatas: ['a.example.com.'] })).rejects.toThrow(
      'cnameResourceRecordSetConflict',
    );
    await expect(record({ type: 'TXT', rrdatas: ['"a"'] })).resolves.toBeDefined();
  });

  test('keep their zone, unless it is destroyed by force', async () => {
    const key = 'projects/p/managedZones/z';
    await record({ rrdatas: ['192.0.2.1'] });
    await expect(managedZone.delete(key, {}, context)).rejects.toThrow('already being used');
    const zone = (await managedZone.read(key, {}, context)) as Values;
    await managedZone.update(key, zone, { ...zone, force_destroy: true }, context);
    await managedZone.delete(key, {}, context);
    expect(context.world.list('google_dns_record_set')).toEqual([]);
  });
});

describe('a version of a secret', () => {
  beforeEach(() => make(secret, { secret_id: 'db' }));

  test('takes a write-only value, which it does not show', async () => {
    const made = await make(secretVersion, { secret: 'projects/p/secrets/db' }, { secret_data_wo: 'hush' });
    expect(JSON.stringify(made)).not.toContain('hush');
    expect(made).toMatchObject({
      version: '1',
      name: expect.stringMatching(/^projects\/\d{12}\/secrets\/db\/versions\/1$/),
    });
    expect(context.world.data.secretVersions['projects/p/secrets/db']).toEqual([
      Buffer.from('hush').toString('base64'),
    ]);
  });

  test('counts up, and is never empty', async () => {
    const version = (secret_data: string) => make(secretVersion, { secret: 'projects/p/secrets/db', secret_data });
    await version('one');
    expect(await version('two')).toMatchObject({ version: '2' });
    await expect(version('')).rejects.toThrow('Secret Payload cannot be empty');
  });
});

test.each<[ResourceBehaviour, Values, string, readonly string[]]>([
  [
    serviceAccount,
    { account_id: 'ci-runner' },
    'projects/p/serviceAccounts/ci-runner',
    ['projects/p/serviceAccounts/ci-runner@p.iam.gserviceaccount.com', 'ci-runner@p.iam.gserviceaccount.com'],
  ],
  [secret, { secret_id: 'db' }, 'projects/p/secrets/db', ['projects/p/secrets/db', 'p/db', 'db']],
  [
    projectIamMember,
    { project: 'p', role: 'roles/viewer', member: 'user:a@example.com' },
    'projects/p/grants/roles/viewer/user:a@example.com',
    ['p roles/viewer user:a@example.com'],
  ],
  [
    resourcePolicy,
    { name: 'power' },
    'projects/p/regions/us-east1/resourcePolicies/power',
    ['projects/p/regions/us-east1/resourcePolicies/power', 'p/us-east1/power', 'us-east1/power', 'power'],
  ],
  [bucket, { name: 'data', location: 'US' }, 'data', ['data']],
])('%j is imported by every id that its documentation names', async (behaviour, values, key, ids) => {
  await make(behaviour, values);
  for (const id of ids) expect(await behaviour.import?.(id, context)).toMatchObject({ key });
  expect(await behaviour.import?.('not-there', context)).toBeNull();
});

test('roles, services and permissions that no list has are accepted', async () => {
  await make(projectIamMember, { ...GRANT, role: 'roles/newservice.operator' });
  await make(projectService, { project: 'p', service: 'newservice.googleapis.com' });
  await make(customRole, { role_id: 'r', permissions: ['run.services.setIamPolicy', 'resourcemanager.projects.get'] });
});

test('an existing service account is taken over where the configuration says so', async () => {
  await make(serviceAccount, { account_id: 'runner', project: 'p', display_name: 'theirs' });
  const again = { account_id: 'runner', project: 'p', create_ignore_already_exists: true };
  expect(await make(serviceAccount, again)).toMatchObject({ email: 'runner@p.iam.gserviceaccount.com' });
  await expect(make(serviceAccount, { ...again, create_ignore_already_exists: false })).rejects.toThrow(
    'already exists',
  );
});

test('a binding takes its role from members that it does not name', async () => {
  await make(projectIamMember, { ...GRANT, role: 'roles/viewer' });
  await make(projectIamBinding, { project: 'p', role: 'roles/viewer', members: ['user:b@b.c'] });
  expect(context.world.list('google_project_iam_member')).toEqual([]);
});

test.each([cluster, instance])('a protected $type is not deleted', async (behaviour) => {
  const values = await make(behaviour, { name: 'one', location: 'us-east1', region: 'us-east1', project: 'p' });
  const key = String(values['id']);
  await expect(behaviour.delete(key, values, context)).rejects.toThrow('deletion_protection is set to true');
  await behaviour.delete(key, { ...values, deletion_protection: false }, context);
  expect(context.world.list(behaviour.type)).toEqual([]);
});
