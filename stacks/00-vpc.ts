import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import type { Construct } from 'constructs';
import { K0sVm } from '../constructs/google/k0s-vm';
import { PrivateNetwork } from '../constructs/google/private-network';
import { SecretSlots } from '../constructs/google/secret-slots';
import { Layer, type LayerProps } from '../constructs/layer';
import { VPC } from '../contracts/vpc';
import { projectOf, vmOf } from '../platforms/environment';
import { restoreOf } from '../platforms/load';
import { registryHost } from '../platforms/schema';
import { secretsOf } from '../platforms/secrets';

/** The ground: a private network, the VM that runs the cluster, and empty secrets. */
export class VpcLayer extends Layer<typeof VPC> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, VPC, props);
    const { platform, env, names } = this;
    const { region, zone } = platform.google;
    const project = projectOf(platform, env);
    const cluster = vmOf(platform, env);
    new GoogleProvider(this, 'google', { project, region, zone });

    const network = new PrivateNetwork(this, 'network', {
      prefix: names.prefix,
      cidr: cluster.network.cidr,
    });
    const vm = new K0sVm(this, 'vm', {
      names,
      network,
      cluster,
      restore: restoreOf(platform, env),
      registryHost: registryHost(platform),
      labels: this.labels('cluster'),
    });
    new SecretSlots(this, 'secrets', {
      secrets: Object.fromEntries(secretsOf(platform, env).map((secret) => [secret, names.secret(secret)])),
      reader: vm.serviceAccount.member,
      labels: this.labels('secrets'),
    });

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
      boot_disk_name: vm.bootDisk.name,
      boot_disk_id: vm.bootDisk.diskId,
      service_account_email: vm.serviceAccount.email,
      kubeconfig_path: names.kubeconfig,
    });
  }
}
