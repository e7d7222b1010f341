import type { Contract } from './contract';

/** What 00-vpc exports. */
export const VPC = {
  layer: '00-vpc',
  outputs: {
    env: 'environment',
    project_id: 'Google project',
    region: 'region of the subnet',
    zone: 'zone of the VM',
    network_name: 'VPC network',
    subnet_name: 'subnet of the VM',
    vm_name: 'VM that runs the cluster',
    vm_id: 'full resource path of the VM',
    vm_internal_ip: 'internal address of the VM, the same after a restore',
    node_name: "name of the cluster's node, which volumes are bound to",
    certificate_names: 'names and addresses in the certificate of the API server, with commas between',
    boot_disk_name: 'disk that the VM boots from; a restore makes a new one',
    boot_disk_id: 'id of that disk; snapshots are known by the id of their disk, since names are used again',
    service_account_email: 'identity of the VM',
    kubeconfig_path: 'where npm run kubeconfig puts the kubeconfig, under the home folder',
  },
} as const satisfies Contract;
