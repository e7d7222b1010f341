import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { parse } from 'yaml';
import { startupScript } from '../../../constructs/google/k0s-vm';
import { environmentOf } from '../../../platforms/schema/define-platform';
import { vmOf } from '../../../platforms/schema/environment';
import { namesOf } from '../../../platforms/schema/names';
import type { Restore } from '../../../platforms/schema/restore';
import threads from '../../../platforms/threads/platform';
import { readStartupScript } from '../../../sandbox/machines/k0s';
import VpcLayer from '../../../stacks/00-vpc';
import { type Json, temporaryFolder, terraformOf } from '../../helpers/synth';

const folder = temporaryFolder();
const cluster = vmOf(threads, 'prod');
const names = namesOf('threads', 'prod');
const registryHost = 'us-east1-docker.pkg.dev';
const scripted = { name: names.vm, address: cluster.network.address, k0s: cluster.k0s, registryHost };

function synth(restore: Restore, changes: Partial<typeof cluster> = {}): Json {
  const environments = { prod: { ...environmentOf(threads, 'prod'), cluster: { ...cluster, ...changes } } };
  const platform = { ...threads, environments, restores: { prod: restore } };
  return terraformOf(new VpcLayer(new App({ outdir: folder }), { platform, env: 'prod' }));
}

const only = (resources: Record<string, unknown>) => Object.values(resources)[0];

describe('the boot disk', () => {
  test('is made from the image at first, and outlives the VM', () => {
    const { resource, removed } = synth({ generation: 1 });
    expect(only(resource.google_compute_disk)).toMatchObject({
      name: 'threads-prod-vm-boot-g1',
      image: cluster.disk.image,
      lifecycle: { ignore_changes: ['image', 'snapshot'], prevent_destroy: true },
    });
    expect(only(resource.google_compute_instance)).toMatchObject({ boot_disk: { auto_delete: false } });
    expect(removed).toBeUndefined();
  });

  test('of a later generation is created from a snapshot, with a different name and resource address', () => {
    const { resource } = synth({ generation: 2, snapshot: 'snapshot-00-vpc-20251031-151137' });
    expect(Object.keys(resource.google_compute_disk)).toEqual(['vm_boot-g2']);
    const disk = only(resource.google_compute_disk);
    expect(disk).toMatchObject({ name: 'threads-prod-vm-boot-g2', snapshot: 'snapshot-00-vpc-20251031-151137' });
    expect(disk).not.toHaveProperty('image');
  });

  test('of every earlier generation leaves the state without being destroyed', () => {
    const first = Object.keys(synth({ generation: 1 }).resource.google_compute_disk);
    expect(first).toEqual(['vm_boot-g1']);
    expect(synth({ generation: 3, snapshot: 's' }).removed).toEqual([
      { from: 'google_compute_disk.vm_boot-g1', lifecycle: { destroy: false } },
      { from: 'google_compute_disk.vm_boot-g2', lifecycle: { destroy: false } },
    ]);
  });

  test('is made of a snapshot only after the plan has found it, until the restore is finished', () => {
    const restore = { generation: 2, snapshot: 'nightly' };
    expect(Object.keys(synth(restore).data.google_compute_snapshot)).toEqual(['vm_boot-g2-snapshot']);
    expect(only(synth(restore).data.google_compute_snapshot)).toMatchObject({
      filter: 'name = "nightly" AND status = "READY"',
    });
    for (const other of [{ generation: 1 }, { ...restore, finished: true }]) {
      expect(synth(other).data).not.toHaveProperty('google_compute_snapshot');
    }
  });
});

test('a restore changes the disk, the VM that boots it and what has left, and nothing else', () => {
  const { resource: before } = synth({ generation: 1 });
  const { resource: after } = synth({ generation: 2, snapshot: 's' });
  for (const type of Object.keys(before).filter((type) => !/disk|instance/.test(type))) {
    expect(after[type]).toEqual(before[type]);
  }
});

test('the VM may write logs and metrics, and nothing else in the project', () => {
  const grants = Object.entries<Json>(synth({ generation: 1 }).resource.google_project_iam_member);
  const own = grants.filter(([, { member }]) => member.includes('vm_identity'));
  expect(own.map(([, { role }]) => role)).toEqual(['roles/logging.logWriter', 'roles/monitoring.metricWriter']);
});

test('the VM carries the power schedule only once the permission of Compute Engine has taken effect', () => {
  const awake = only(synth({ generation: 1 }).resource.google_compute_instance) as Json;
  expect(awake.resource_policies).toEqual(['${google_compute_resource_policy.power_policy.self_link}']);
  expect(awake.depends_on).toContain('time_sleep.power_permitted');
  const always = synth({ generation: 1 }, { power: undefined }).resource;
  expect(only(always.google_compute_instance)).not.toHaveProperty('resource_policies');
});

test('a VM that is to stay off has neither a watchdog that starts it nor a schedule', () => {
  const paused = synth({ generation: 1, watchdogPaused: true }).resource;
  expect((only(paused.google_cloud_scheduler_job) as Json).paused).toBe(true);
  expect(only(paused.google_compute_instance)).not.toHaveProperty('resource_policies');
  expect((only(synth({ generation: 1 }).resource.google_cloud_scheduler_job) as Json).paused).toBe(false);
});

test('the VM uses the address that is reserved for it, and has no public one', () => {
  const { resource } = synth({ generation: 1 });
  const [address] = Object.keys(resource.google_compute_address);
  expect(only(resource.google_compute_address)).toMatchObject({ address: '10.10.0.10', address_type: 'INTERNAL' });
  const { network_interface } = only(resource.google_compute_instance) as { network_interface: object[] };
  expect(network_interface).toEqual([
    { network_ip: `\${google_compute_address.${address}.address}`, subnetwork: expect.stringContaining('self_link') },
  ]);
});

test('the VM boots what Google and Debian have signed, and lets people in by OS Login alone', () => {
  expect(only(synth({ generation: 1 }).resource.google_compute_instance)).toMatchObject({
    shielded_instance_config: { enable_secure_boot: true, enable_vtpm: true, enable_integrity_monitoring: true },
    metadata: { 'enable-oslogin': 'TRUE' },
  });
});

test('the VM waits for its way out, and another machine type restarts it instead of being refused', () => {
  expect(only(synth({ generation: 1 }).resource.google_compute_instance)).toMatchObject({
    depends_on: expect.arrayContaining(['google_compute_router_nat.network_nat']),
    allow_stopping_for_update: true,
  });
});

test('the start-up script reaches the VM unchanged', () => {
  const instance = only(synth({ generation: 1 }).resource.google_compute_instance) as Json;
  expect(instance.metadata['startup-script']).toBe(startupScript(scripted));
});

test('everything in the layer waits until the services are effective', () => {
  const { resource } = synth({ generation: 1 });
  const waiting = Object.entries<Record<string, Json>>(resource).flatMap(([type, all]) =>
    Object.entries(all).flatMap(([id, { depends_on = [] }]) =>
      depends_on.includes('time_sleep.services_effective') ? [] : `${type}.${id}`,
    ),
  );
  expect(waiting.sort()).toEqual(['google_project_service.services_enabled', 'time_sleep.services_effective']);
});

test('the owner environment creates the registry, and the others read it', () => {
  const registries = (env: string) =>
    new VpcLayer(new App({ outdir: folder }), { platform: { ...threads, restores: {} }, env }).toTerraform().resource
      .google_artifact_registry_repository;
  expect(registries('prod')).toBeDefined();
  expect(registries('staging')).toBeUndefined();
});

test('a VM that is not spot is restarted and moved by Google', () => {
  const { scheduling } = only(synth({ generation: 1 }, { spot: false }).resource.google_compute_instance) as {
    scheduling: object;
  };
  expect(scheduling).toEqual({
    provisioning_model: 'STANDARD',
    automatic_restart: true,
    on_host_maintenance: 'MIGRATE',
  });
});

describe('the start-up script', () => {
  const script = startupScript(scripted);
  const file = (path: string) => new RegExp(`write ${path} \\d+ <<'EOF'\\n([^]*?)\\nEOF\\n`).exec(script)?.[1] ?? '';

  test('puts the internal address, the node name and localhost into the certificate', () => {
    const { spec } = parse(file('/etc/k0s/k0s.yaml'));
    expect(spec.api).toEqual({
      address: '10.10.0.10',
      sans: ['10.10.0.10', 'threads-prod-vm', 'localhost', '127.0.0.1'],
    });
  });

  test('fixes the node name and the release of k0s', () => {
    expect(script).toContain('--hostname-override=threads-prod-vm ');
    expect(script).toContain(`version='${cluster.k0s.version}'`);
    expect(script).toContain(`sha256='${cluster.k0s.sha256}'`);
  });

  test('has every blank filled in, and nothing that terraform would read as an expression', () => {
    expect(script).not.toMatch(/@\w+@/);
    expect(script).not.toMatch(/[$%]\{/);
  });

  test('pulls images with the service account of the node, whose token may have four minutes left', () => {
    const [provider] = parse(file('/etc/k0s/credential-provider.yaml')).providers;
    expect(provider).toMatchObject({ matchImages: [registryHost], defaultCacheDuration: '0s' });
    const [, minutes] = /"cacheDuration": "(\d+)m"/.exec(file('/usr/local/libexec/strata/node-identity')) ?? [];
    expect(Number(minutes)).toBeLessThan(4);
  });
});

describe('the machine', () => {
  const root = join(folder, 'machine');
  const log = join(root, 'log');
  const unit = join(root, 'etc/systemd/system/k0scontroller.service');
  const k0s = `#!/bin/bash\necho "k0s $1 $2" >>${log}\necho "$*" >${unit}\n`;
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  /** Runs the script on a machine that is a folder, with stubs for what it calls. Returns the calls. */
  function boot(
    release = { text: k0s, sha256: sha256(k0s) },
    edit = (script: string) => script,
  ): { status: number | null; calls: string[] } {
    const script = edit(startupScript({ ...scripted, k0s: { ...cluster.k0s, ...release } }));
    for (const path of ['bin', 'enabled', 'etc/systemd/system', 'usr/local/bin', 'usr/local/sbin'])
      mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, 'release'), release.text);
    stub('systemctl', `echo "systemctl $*" >>${log}\n[ "$1" != enable ] || touch "${root}/enabled/\${*: -1}"`);
    stub('curl', `echo curl >>${log}\nwhile [ "$1" != --output ]; do shift; done\ncp ${root}/release "$2"`);
    rmSync(log, { force: true });
    const { status } = spawnSync('bash', {
      input: script.replace(/(?<![\w/.])\/(etc|usr\/local)\//g, `${root}/$1/`),
      env: { PATH: `${root}/bin:${process.env['PATH']}` },
    });
    const calls = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    return { status, calls };
  }

  function stub(name: string, body: string): void {
    writeFileSync(join(root, 'bin', name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }

  beforeEach(() => rmSync(root, { recursive: true, force: true }));

  const installation = [
    'k0s install controller',
    'systemctl daemon-reload',
    'systemctl enable k0scontroller',
    'systemctl restart k0scontroller',
  ];
  const started = ['systemctl start k0scontroller', 'systemctl enable --now strata-node-metrics.timer'];
  const metrics = [
    'systemctl daemon-reload',
    'systemctl restart strata-node-metrics.timer',
    'systemctl enable --now strata-node-metrics.timer',
  ];

  test('installs k0s at its first boot and only starts it at every later one', () => {
    expect(boot()).toEqual({ status: 0, calls: ['curl', ...installation, ...metrics] });
    expect(boot()).toEqual({ status: 0, calls: started });
  });

  test('takes another release at the next boot', () => {
    boot();
    const newer = `${k0s}# newer\n`;
    expect(boot({ text: newer, sha256: sha256(newer) }).calls).toEqual(['curl', ...installation, started[1]]);
  });

  test('takes another flag of the controller or the kubelet at the next boot', () => {
    boot();
    const more = (script: string) => script.replace('--hostname-override=', '--max-pods=50 --hostname-override=');
    expect(boot(undefined, more).calls).toEqual([...installation, started[1]]);
    expect(readFileSync(unit, 'utf8')).toContain(
      '--kubelet-extra-args=--max-pods=50 --hostname-override=threads-prod-vm',
    );
    expect(boot(undefined, more).calls).toEqual(started);
  });

  test('that is preempted at any command of its first boot, or of one that changes it, is as it should be at the next', () => {
    const newer = `${k0s}# newer\n`;
    const releases = [
      { text: k0s, sha256: sha256(k0s) },
      { text: newer, sha256: sha256(newer) },
    ] as const;
    const result = () => ({
      unit: readFileSync(unit, 'utf8'),
      enabled: readdirSync(join(root, 'enabled')).sort(),
      k0s: readFileSync(join(root, 'usr/local/bin/k0s'), 'utf8'),
    });
    const older = join(folder, 'older');
    boot(releases[0], (script) => script.replace(/--hostname-override=\S+ ?/, ''));
    cpSync(root, older, { recursive: true });
    for (const from of [undefined, older]) {
      const startFrom = (state: string | undefined) => {
        rmSync(root, { recursive: true, force: true });
        if (state) cpSync(state, root, { recursive: true });
      };
      startFrom(from);
      boot(releases[1]);
      const whole = result();
      expect(whole.enabled).toEqual(['k0scontroller', 'strata-node-metrics.timer']);
      startFrom(from);
      const states = copiesBeforeCommands(releases[1]);
      expect(states.length).toBeGreaterThan(5);
      for (const state of states) {
        startFrom(state);
        boot(releases[1]);
        expect({ state, ...result() }).toEqual({ state, ...whole });
      }
    }
  });

  /** What the machine is when it is preempted: copies of it before each command of a boot, without those that are equal. */
  function copiesBeforeCommands(release: Parameters<typeof boot>[0]): string[] {
    const copies = mkdtempSync(join(folder, 'copies-'));
    const copy = `n=100\ntrap 'cp --recursive ${root} ${copies}/$((++n))' DEBUG\n`;
    expect(boot(release, (script) => copy + script).status).toBe(0);
    const different = new Map(
      readdirSync(copies)
        .sort()
        .map((name) => [contentOf(join(copies, name)), join(copies, name)]),
    );
    return [...different.values()];
  }

  /** Every file below a folder, with its mode and what it holds, except the log. */
  function contentOf(copy: string): string {
    const files = readdirSync(copy, { recursive: true, encoding: 'utf8' })
      .map((name) => join(copy, name))
      .filter((file) => file !== join(copy, 'log') && statSync(file).isFile());
    return JSON.stringify(
      files.sort().map((file) => [file.slice(copy.length), statSync(file).mode, readFileSync(file, 'utf8')]),
    );
  }

  test('does not run a download whose checksum differs', () => {
    const { status, calls } = boot({ text: `${k0s}# tampered with\n`, sha256: sha256(k0s) });
    expect(status).not.toBe(0);
    expect(calls).toEqual(['curl']);
    expect(existsSync(join(root, 'usr/local/bin/k0s'))).toBe(false);
  });
});

test('the simulated k0s reads node name and certificate names from the startup script', () => {
  const start = readStartupScript(startupScript(scripted), {
    name: 'some-other-name',
    address: '10.9.9.9',
  });
  expect(start.nodeName).toBe('threads-prod-vm');
  expect(start.certificateNames).toEqual(expect.arrayContaining(['10.10.0.10', 'localhost', '127.0.0.1']));
  expect(`v${start.kubernetesVersion}+k0s.1`).toBe(cluster.k0s.version);
});
