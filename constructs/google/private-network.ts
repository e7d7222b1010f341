import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall';
import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeRouter } from '@cdktf/provider-google/lib/compute-router';
import { ComputeRouterNat } from '@cdktf/provider-google/lib/compute-router-nat';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { Construct } from 'constructs';
import { googleName } from '../../platforms/schema/names';

/** Source range of IAP TCP forwarding. Source: https://cloud.google.com/iap/docs/using-tcp-forwarding */
const IAP_RANGE = '35.235.240.0/20';

/** Ports of SSH and the Kubernetes API server. */
const IAP_PORTS = ['22', '6443'];

/** Properties of `PrivateNetwork`. */
export interface PrivateNetworkProps {
  /** Prefix of the name of every resource. */
  readonly prefix: string;
  /** Primary IPv4 range of the subnet, such as `10.10.0.0/24`. See https://cloud.google.com/vpc/docs/subnets */
  readonly cidr: string;
}

/**
 * A network that can be reached from outside only through Identity-Aware Proxy.
 *
 * Creates:
 * - a VPC network with one subnet (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_subnetwork)
 * - firewall rules for traffic inside the subnet, and for SSH and the API server from IAP
 * - a router with Cloud NAT, through which VMs without a public address reach the internet
 *   (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_router_nat)
 *
 * @example
 * new PrivateNetwork(this, 'network', { prefix: 'threads-prod', cidr: '10.10.0.0/24' });
 */
export class PrivateNetwork extends Construct {
  /** The VPC network. */
  readonly network: ComputeNetwork;
  /** Its only subnet. */
  readonly subnet: ComputeSubnetwork;
  /** Cloud NAT. Resources that need the internet as soon as they start depend on it. */
  readonly nat: ComputeRouterNat;

  constructor(scope: Construct, id: string, { prefix, cidr }: PrivateNetworkProps) {
    super(scope, id);
    const name = (part: string) => googleName([prefix, part]);

    this.network = new ComputeNetwork(this, 'vpc', { name: name('vpc'), autoCreateSubnetworks: false });
    const network = this.network.selfLink;
    this.subnet = new ComputeSubnetwork(this, 'subnet', {
      name: name('subnet'),
      network,
      ipCidrRange: cidr,
      privateIpGoogleAccess: true,
    });

    new ComputeFirewall(this, 'internal', {
      name: name('allow-internal'),
      network,
      direction: 'INGRESS',
      sourceRanges: [cidr],
      allow: [{ protocol: 'all' }],
    });
    new ComputeFirewall(this, 'iap', {
      name: name('allow-iap'),
      network,
      direction: 'INGRESS',
      sourceRanges: [IAP_RANGE],
      allow: [{ protocol: 'tcp', ports: IAP_PORTS }],
    });

    const router = new ComputeRouter(this, 'router', { name: name('router'), network });
    this.nat = new ComputeRouterNat(this, 'nat', {
      name: name('nat'),
      router: router.name,
      natIpAllocateOption: 'AUTO_ONLY',
      sourceSubnetworkIpRangesToNat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
      logConfig: { enable: true, filter: 'ERRORS_ONLY' },
    });
  }
}
