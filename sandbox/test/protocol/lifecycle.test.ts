import { nullProvider } from '../../null/provider';
import { Ground } from './ground';
import { toyGoogle, toyHelm, toyKubernetes } from './toys';

const NETWORK = 'resource "google_compute_network" "n" {\n  name = "net"\n}\n';

function firewall(ranges: string[], extra = '', protocol = 'tcp'): string {
  return `${NETWORK}resource "google_compute_firewall" "f" {
  name          = "fw"
  network       = google_compute_network.n.self_link
  source_ranges = ${JSON.stringify(ranges)}
  ${extra}
  allow {
    protocol = "${protocol}"
    ports    = ["22"]
  }
}
`;
}

function instance(machineType: string, extra = ''): string {
  return `resource "google_compute_instance" "vm" {
  name         = "vm"
  machine_type = "${machineType}"
  boot_disk {
    source = "disk"
  }
  network_interface {
    network = "net"
  }
  ${extra}
}
`;
}

let ground: Ground;
beforeEach(async () => {
  ground = await Ground.open([toyGoogle(), toyKubernetes(), toyHelm(), nullProvider()]);
});
afterEach(() => ground.close());

test('a resource is created, planned without a change, changed in place, replaced and destroyed', async () => {
  await ground.apply(firewall(['10.0.0.0/8']));
  expect(await ground.state('google_compute_firewall.f')).toMatchObject({ id: 'fw', network: 'https://google/net' });
  expect(await ground.isSettled()).toBe(true);
  const made = (await ground.state('google_compute_firewall.f'))['creation_timestamp'];

  expect(await ground.apply(firewall(['10.0.0.0/8', '10.9.0.0/16']))).toContain('0 added, 1 changed, 0 destroyed');
  expect((await ground.state('google_compute_firewall.f'))['creation_timestamp']).not.toBe(made);
  expect(await ground.isSettled()).toBe(true);

  const replaced = await ground.apply(firewall(['10.0.0.0/8'], '', 'udp'));
  expect(replaced).toContain('1 added, 0 changed, 1 destroyed');
  expect(replaced).toContain('- allow { # forces replacement');

  await ground.passes('destroy', '-auto-approve');
  expect(ground.world.list('google_compute_network')).toEqual([]);
});

test('an argument without a rule cannot be changed silently', async () => {
  await ground.apply(firewall(['10.0.0.0/8'], 'priority = 900'));
  ground.write(firewall(['10.0.0.0/8'], 'priority = 800'));
  const errors = await ground.fails('plan');
  expect(errors).toContain(
    'Error: the sandbox does not know what google does when google_compute_firewall.priority changes',
  );
  expect(errors).toContain('on main.tf line 8, in resource "google_compute_firewall" "f": 8: priority = 800');
  expect(errors).toContain('It is 900 and would be 800.');
  expect(errors).toContain('Leave the argument as it is, or say which in a rule for "priority" in sandbox/google/.');
});

test('a secret is never printed, not even when its change is refused', async () => {
  const withMtu = (mtu: number) => NETWORK.replace('}', `  mtu = ${mtu}\n}`);
  const applied = await ground.apply(withMtu(1460));
  ground.write(withMtu(1461));
  const errors = await ground.fails('plan');
  expect(errors).toContain('It is (sensitive value) and would be (sensitive value).');
  expect(applied + errors.replace('mtu = 1461', '')).not.toMatch(/146[01]/);
});

test('every configured argument is counted, by a rule or accepted unread', async () => {
  await ground.apply(firewall(['10.0.0.0/8'], 'priority = 900\n  timeouts {\n    create = "5m"\n  }'));
  expect(ground.coverage.total()).toEqual({ checked: 6, accepted: 1 });
  expect(ground.coverage.unread()).toEqual([{ argument: 'google_compute_firewall.priority', count: 1 }]);
});

test('timeouts may always change', async () => {
  const timeouts = (text: string) => firewall(['10.0.0.0/8'], `timeouts {\n    create = "${text}"\n  }`);
  await ground.apply(timeouts('5m'));
  expect(await ground.apply(timeouts('9m'))).toContain('0 added, 1 changed, 0 destroyed');
});

test('blocks of a set may come and go in any order', async () => {
  const disk = (...features: string[]) => `resource "google_compute_disk" "d" {
  name = "d"
  ${features.map((type) => `guest_os_features {\n    type = "${type}"\n  }`).join('\n  ')}
}\n`;
  await ground.apply(disk('UEFI_COMPATIBLE', 'GVNIC'));
  expect(await ground.isSettled()).toBe(true);
  ground.write(disk('GVNIC', 'UEFI_COMPATIBLE'));
  expect(await ground.isSettled()).toBe(true);
  expect(await ground.apply(disk('GVNIC', 'VIRTIO_SCSI_MULTIQUEUE', 'SEV_CAPABLE'))).toContain('1 changed');
});

test('what must be stopped to change is refused while it runs, unless it may be stopped', async () => {
  await ground.apply(instance('e2-small'));
  ground.write(instance('e2-medium'));
  expect(await ground.fails('apply', '-auto-approve')).toContain(
    'Error: changing machine_type of a running google_compute_instance requires stopping it',
  );
  expect(await ground.apply(instance('e2-medium', 'allow_stopping_for_update = true'))).toContain('1 changed');
  expect(await ground.isSettled()).toBe(true);
});

test('what is stopped may change', async () => {
  await ground.apply(instance('e2-small'));
  expect(await ground.apply(instance('e2-medium', 'desired_status = "TERMINATED"'))).toContain('1 changed');
});

test('what may not change now can still be destroyed', async () => {
  await ground.apply(instance('e2-small'));
  ground.write(instance('e2-medium'));
  await ground.passes('destroy', '-auto-approve');
});

test('a rule of an inner argument wins over that of the block, and one of a key over that of the map', async () => {
  const vm = (script: string, team: string) =>
    instance('e2-small', `metadata = {\n    startup-script = "${script}"\n    team = "${team}"\n  }`);
  await ground.apply(vm('a', 'x'));
  expect(await ground.apply(vm('a', 'y'))).toContain('0 added, 1 changed, 0 destroyed');
  const replaced = await ground.apply(vm('b', 'y'));
  expect(replaced).toContain('1 added, 0 changed, 1 destroyed');
  expect(replaced).toMatch(/"startup-script" = "a" -> "b"/);
});

test('a nested block that comes later has its computed values filled in', async () => {
  await ground.apply(instance('e2-small'));
  const outside = instance('e2-small').replace('network = "net"', 'network = "net"\n    access_config {}');
  expect(await ground.apply(outside)).toContain('1 changed');
  expect(await ground.isSettled()).toBe(true);
});

test('a value that breaks a rule is refused before anything is planned', async () => {
  ground.write(NETWORK.replace('"net"', '"my_net"'));
  const errors = await ground.fails('validate');
  expect(errors).toContain('Error: invalid name');
  expect(errors).toContain('"my_net" must not hold an underscore');
});

test('a refusal by the cloud is an error on its resource, and the rest is kept', async () => {
  ground.write(`${NETWORK}resource "google_compute_network" "twin" {
  name       = "net"
  depends_on = [google_compute_network.n]
}\n`);
  const errors = await ground.fails('apply', '-auto-approve');
  expect(errors).toContain('Error: Error 409: net already exists with google_compute_network.twin');
  expect(errors).toContain('choose another name');
  await expect(ground.state('google_compute_network.n')).resolves.toMatchObject({ name: 'net' });
});

test('what is gone is created again, and what exists can be imported', async () => {
  await ground.apply(NETWORK);
  await ground.passes('state', 'rm', 'google_compute_network.n');
  await ground.passes('import', 'google_compute_network.n', 'net');
  expect(await ground.isSettled()).toBe(true);
  ground.world.remove('google_compute_network', 'net');
  expect(await ground.apply(NETWORK)).toContain('1 added, 0 changed, 0 destroyed');
  await ground.passes('state', 'rm', 'google_compute_network.n');
  expect(await ground.fails('import', 'google_compute_network.n', 'other')).toContain(
    'Cannot import non-existent remote object: google_compute_network "other"',
  );
});

test('what was changed behind terraform is found, and set right', async () => {
  await ground.apply(firewall(['10.0.0.0/8']));
  const object = ground.world.get('google_compute_firewall', 'fw');
  if (object) object.values['source_ranges'] = ['0.0.0.0/0'];
  expect(await ground.apply(firewall(['10.0.0.0/8']))).toContain('0 added, 1 changed, 0 destroyed');
  expect(ground.world.get('google_compute_firewall', 'fw')?.values['source_ranges']).toEqual(['10.0.0.0/8']);
});

test('a data source reads the cloud, and counts its arguments', async () => {
  await ground.apply(NETWORK);
  await ground.apply(`${NETWORK}data "google_compute_network" "d" {\n  name = "net"\n}\noutput "link" {
  value = data.google_compute_network.d.self_link\n}\n`);
  expect((await ground.passes('output', '-raw', 'link')).stdout).toBe('https://google/net');
  expect(ground.coverage.total().checked).toBe(2);
});

test('each provider block keeps its own configuration', async () => {
  await ground.apply(`provider "google" {\n  project = "one"\n}\nprovider "google" {
  alias   = "other"\n  project = "two"\n}\n${NETWORK}resource "google_compute_network" "m" {
  provider = google.other\n  name     = "other"\n}\n`);
  expect((await ground.state('google_compute_network.n'))['project']).toBe('one');
  expect((await ground.state('google_compute_network.m'))['project']).toBe('two');
});

test('a provider block that the provider refuses is refused', async () => {
  ground.write(`provider "google" {\n  region = "nowhere"\n}\n${NETWORK}`);
  expect(await ground.fails('plan')).toContain('Error: unknown region "nowhere"');
});

test('every plan says that the provider is simulated', async () => {
  ground.write(NETWORK);
  const { stdout } = await ground.passes('plan');
  expect(stdout).toContain('Warning: Simulated google provider');
  expect(stdout).toContain('Nothing outside this machine is touched.');
});

test('an argument or a type that the provider does not have is refused', async () => {
  ground.write(NETWORK.replace('name', 'nmae'));
  expect(await ground.fails('validate')).toContain('An argument named "nmae" is not expected here.');
  ground.write('resource "google_sql_database" "d" {\n}\n');
  expect(await ground.fails('validate')).toContain('does not support resource type "google_sql_database"');
});

test('what refers to something that is replaced is replaced with it', async () => {
  await ground.apply(firewall(['10.0.0.0/8']));
  const renamed = firewall(['10.0.0.0/8']).replace('"net"', '"other"');
  expect(await ground.apply(renamed)).toContain('2 added, 0 changed, 2 destroyed');
  expect(await ground.isSettled()).toBe(true);
});

test('a state written before the provider had an attribute is read', async () => {
  await ground.apply(NETWORK);
  ground.editState((state) => state.replace(/"(description|network_profile)": null,?/g, ''));
  expect(await ground.isSettled()).toBe(true);
});

test('a provider block may hold what is only known after apply', async () => {
  const project = 'resource "null_resource" "p" {\n}\nprovider "google" {\n  project = null_resource.p.id\n}\n';
  await ground.apply(project + NETWORK);
  const { id } = await ground.state('null_resource.p');
  expect((await ground.state('google_compute_network.n'))['project']).toBe(id);
});

test('a free-form object is kept exactly, and compared as deep as rules speak of it', async () => {
  const manifest = (name: string, value: string) => `resource "kubernetes_manifest" "m" {
  manifest = {
    kind     = "ConfigMap"
    metadata = { name = "${name}", labels = null }
    data     = { value = "${value}", list = ["a", 1, true], big = 9007199254740993, ratio = 0.1 }
  }
}
`;
  await ground.apply(manifest('a', 'x'));
  expect(ground.world.get('kubernetes_manifest', 'a')?.values['data']).toEqual({
    value: 'x',
    list: ['a', 1, true],
    big: '9007199254740993',
    ratio: 0.1,
  });
  expect(await ground.isSettled()).toBe(true);
  const changed = await ground.apply(manifest('a', 'y'));
  expect(changed).toContain('0 added, 1 changed, 0 destroyed');
  expect(await ground.isSettled()).toBe(true);
  expect(await ground.apply(manifest('b', 'y'))).toContain('1 added, 0 changed, 1 destroyed');
});

test('nested attributes are filled in one by one', async () => {
  const release = (value: string) => `resource "helm_release" "r" {
  name  = "r"
  chart = "c"
  set   = [{ name = "a", value = "${value}" }, { name = "b", value = "2", type = "string" }]
}
`;
  await ground.apply(release('1'));
  expect((await ground.state('helm_release.r'))['set']).toEqual([
    { name: 'a', value: '1', type: 'auto' },
    { name: 'b', value: '2', type: 'string' },
  ]);
  expect(await ground.isSettled()).toBe(true);
  expect(await ground.apply(release('3'))).toContain('0 added, 1 changed, 0 destroyed');
});

test('a mistake in the sandbox is called one', async () => {
  ground.write(NETWORK.replace('"net"', '"broken"'));
  const errors = await ground.fails('apply', '-auto-approve');
  expect(errors).toContain('Error: the sandbox failed: attribute "mtu" must be a number, but it is a string');
  expect(errors).toContain('This is a mistake in sandbox/google, not in your configuration.');
});

test('a null resource is replaced when its triggers change', async () => {
  const triggered = (by: string) => `resource "null_resource" "x" {\n  triggers = {\n    by = "${by}"\n  }\n}\n`;
  await ground.apply(triggered('a'));
  expect(await ground.isSettled()).toBe(true);
  expect(await ground.apply(triggered('b'))).toContain('1 added, 0 changed, 1 destroyed');
  await ground.apply(
    'data "null_data_source" "d" {\n  inputs = {\n    a = "b"\n  }\n}\noutput "o" {\n  value = data.null_data_source.d.outputs.a\n}\n',
  );
  expect((await ground.passes('output', '-raw', 'o')).stdout).toBe('b');
});
