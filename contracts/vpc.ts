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
    certificate_names: 'names and addresses in the API server certificate, separated by commas',
    boot_disk_name: 'boot disk of the VM; a restore creates a new one',
    boot_disk_id: 'id of the boot disk, which identifies its snapshots: names of disks are reused',
    service_account_email: 'service account of the VM',
    kubeconfig_path: 'path of the kubeconfig that npm run kubeconfig writes, in the home folder',
  },
} as const satisfies Contract;
