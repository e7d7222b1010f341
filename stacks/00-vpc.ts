import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { TimeProvider } from '@cdktf/provider-time/lib/provider';
import type { Construct } from 'constructs';
import { Alerts } from '../constructs/google/alerts';
import { BackupBucket } from '../constructs/google/backup-bucket';
import { EmptySecrets } from '../constructs/google/empty-secrets';
import { ImageRegistry } from '../constructs/google/image-registry';
import { K0sVm } from '../constructs/google/k0s-vm';
import { PowerSchedule } from '../constructs/google/power-schedule';
import { PrivateNetwork } from '../constructs/google/private-network';
import { PLATFORM_SERVICES, ProjectServices } from '../constructs/google/project-services';
import { SnapshotSchedule } from '../constructs/google/snapshot-schedule';
import { Watchdog } from '../constructs/google/watchdog';
import { Layer, type LayerProps } from '../constructs/layer';
import { VPC } from '../contracts/vpc';
import { restoreOf } from '../platforms/load';
import { environmentOf, registryHost } from '../platforms/schema/define-platform';
import { projectOf, vmOf, zoneOf } from '../platforms/schema/environment';
import { identityOf } from '../platforms/schema/identity';
import { secretsOf } from '../platforms/schema/secrets';

/**
 * Layer 00: the Google Cloud resources of an environment.
 *
 * Creates the private network, the VM that runs the cluster with its power schedule, watchdog, snapshots and alerts, the image
 * registry, empty secrets, and a bucket for database dumps.
 *
 * Exports: `env`, `project_id`, `region`, `zone`, `network_name`, `subnet_name`, `vm_name`, `vm_id`, `vm_internal_ip`,
 * `node_name`, `certificate_names`, `boot_disk_name`, `boot_disk_id`, `service_account_email`, `kubeconfig_path`.
 */
export default class VpcLayer extends Layer<typeof VPC> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, VPC, props);
    const { platform, env, names } = this;
    const { region } = platform.google;
    const zone = zoneOf(platform, env);
    const { backup } = environmentOf(platform, env);
    const project = projectOf(platform);
    const cluster = vmOf(platform, env);
    const restore = restoreOf(platform, env);
    const identity = identityOf(platform, env);
    new GoogleProvider(this, 'google', { project, region, zone });
    new TimeProvider(this, 'time');
    const services = new ProjectServices(this, 'services', { project, services: PLATFORM_SERVICES });
    const { number: projectNumber } = new DataGoogleProject(this, 'project', { projectId: project });

    const network = new PrivateNetwork(this, 'network', {
      prefix: names.prefix,
      cidr: cluster.network.cidr,
    });
    const schedule = cluster.power
      ? new PowerSchedule(this, 'power', {
          vm: names.vm,
          name: names.part('power'),
          roleId: names.underscored('power'),
          power: cluster.power,
          project,
          projectNumber,
        })
      : undefined;
    const vm = new K0sVm(this, 'vm', {
      name: names.vm,
      serviceAccount: names.serviceAccount,
      machineType: cluster.machineType,
      spot: cluster.spot,
      disk: {
        name: names.bootDisk(restore.generation),
        ...cluster.disk,
        generation: restore.generation,
        snapshot: restore.snapshot,
        finished: restore.finished,
        abandoned: restore.abandoned?.generation,
      },
      k0s: cluster.k0s,
      network,
      address: cluster.network.address,
      paused: restore.watchdogPaused,
      owner: { platform: platform.name, environment: env },
      schedule,
      project,
      zone,
      registryHost: registryHost(platform),
      labels: this.labels('cluster'),
    });
    const { attempts } = new Watchdog(this, 'watchdog', {
      vm: names.vm,
      name: names.part('watchdog'),
      account: names.account('watchdog'),
      roleId: names.underscored('watchdog'),
      metric: names.underscored('watchdog_attempts'),
      project,
      zone,
      power: cluster.power,
      paused: restore.watchdogPaused ?? false,
    });
    new SnapshotSchedule(this, 'snapshots', {
      name: names.part('snapshots'),
      disk: vm.bootDisk,
      region,
      labels: this.labels('snapshots'),
      ...cluster.snapshots,
    });
    new EmptySecrets(this, 'secrets', {
      secrets: Object.fromEntries(secretsOf(platform, env).map((secret) => [secret, names.secret(secret)])),
      reader: vm.serviceAccount.member,
      labels: this.labels('secrets'),
    });
    if (backup) {
      new BackupBucket(this, 'backups', {
        name: names.bucket(project, 'backups'),
        account: names.account('backup'),
        region,
        keepDays: backup.keepDays,
        labels: this.labels('backups'),
      });
    }
    this.images(vm);
    new Alerts(this, 'alerts', {
      email: cluster.alertEmail,
      vm: names.vm,
      attempts,
      dumps: backup !== undefined,
      labels: this.labels('alerts'),
    });
    services.requiredBy(this);

    this.export({
      env,
      project_id: project,
      region,
      zone,
      network_name: network.network.name,
      subnet_name: network.subnet.name,
      vm_name: vm.instance.name,
      vm_id: vm.instance.id,
      vm_internal_ip: vm.address.address,
      node_name: identity.nodeName,
      certificate_names: identity.certificateNames.join(','),
      boot_disk_name: vm.bootDisk.name,
      boot_disk_id: vm.bootDisk.diskId,
      service_account_email: vm.serviceAccount.email,
      kubeconfig_path: names.kubeconfig,
    });
  }

  /** The registry that the VM pulls images from with its service account. */
  private images(vm: K0sVm): void {
    const { google, registry } = this.platform;
    if (registry.kind !== 'artifact-registry') return;
    const { location, repository, owner } = registry;
    new ImageRegistry(this, 'images', {
      project: google.project,
      location,
      repository,
      owned: owner === this.env,
      reader: vm.serviceAccount.member,
      labels: this.labels('images'),
    });
  }
}
