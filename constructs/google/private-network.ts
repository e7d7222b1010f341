import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall';
import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeRouter } from '@cdktf/provider-google/lib/compute-router';
import { ComputeRouterNat } from '@cdktf/provider-google/lib/compute-router-nat';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { Construct } from 'constructs';
import { googleName } from '../../platforms/schema/names';

/** Addresses that Identity-Aware Proxy forwards TCP from. Source: Google's page on IAP TCP forwarding. */
const IAP_RANGE = '35.235.240.0/20';

/** SSH and the API server of the cluster. */
const IAP_PORTS = ['22', '6443'];

export interface PrivateNetworkProps {
  /** Begins the name of every part. */
  readonly prefix: string;
  /** Addresses of the subnet. */
  readonly cidr: string;
}

/**
 * A network that nobody outside reaches but through Identity-Aware Proxy.
 *
 * Makes a VPC with one subnet, firewall rules for traffic inside it and for IAP, and a router with NAT, by which machines
 * without a public address pull images.
 *
 * @example new PrivateNetwork(this, 'network', { prefix: 'threads-prod', cidr: '10.10.0.0/24' })
 */
export class PrivateNetwork extends Construct {
  readonly network: ComputeNetwork;
  readonly subnet: ComputeSubnetwork;
  /** The way out. What needs the internet from its first moment on depends on it. */
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
