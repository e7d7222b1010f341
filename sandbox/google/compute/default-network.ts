import type { Values } from '../../protocol/values';
import { text } from '../values';
import { autoRange } from './places';

/** The network `default`, which each project has until it is deleted; undefined for every other key. */
export function defaultNetwork(key: string): Values | undefined {
  const [, project = '', , , name = ''] = key.split('/');
  if (name !== 'default') return undefined;
  return { name, project, ...common(key), auto_create_subnetworks: true, routing_mode: 'REGIONAL', mtu: 0 };
}

/**
 * The subnetwork of a network in auto mode in a region, by the name that both have; undefined where there is none.
 *
 * @param networkOf - attributes of the network with a key.
 */
export function defaultSubnetwork(key: string, networkOf: (key: string) => Values | undefined): Values | undefined {
  const [, project = '', , region = '', , name = ''] = key.split('/');
  const network = networkOf(`projects/${project}/global/networks/${name}`);
  const range = autoRange(region);
  if (!range || !network || network['auto_create_subnetworks'] === false) return undefined;
  return { name, project, region, ip_cidr_range: range, network: text(network, 'self_link'), ...common(key) };
}

function common(key: string): Values {
  return { id: key, self_link: `https://www.googleapis.com/compute/v1/${key}` };
}
