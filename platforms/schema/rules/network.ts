import { isUsable, overlap, parseCidr } from '../cidr';
import { pairs, type Rule, vmsOf } from './rule';

/** Default ranges of k0s for pods and services. Source: https://docs.k0sproject.io/stable/configuration/#specnetwork */
const INSIDE = [
  { whose: 'pods', cidr: '10.244.0.0/16' },
  { whose: 'services', cidr: '10.96.0.0/12' },
];

/** Rules for addresses and ports that must not overlap. */
export const NETWORK_RULES: readonly Rule[] = [
  {
    reads: ['environments.*.cluster.kind', 'environments.*.cluster.network'],
    check: (platform, refuse) => {
      for (const { env, cluster } of vmsOf(platform)) {
        const { address, cidr } = cluster.network;
        const range = parseCidr(cidr);
        if (range && !isUsable(address, range))
          refuse(
            ['environments', env, 'cluster', 'network', 'address'],
            `must be an address in ${cidr} that Google does not reserve`,
          );
        for (const { whose, cidr: inside } of INSIDE) {
          if (overlap(cidr, inside))
            refuse(
              ['environments', env, 'cluster', 'network', 'cidr'],
              `overlaps ${inside}, the k0s range for ${whose}; use another private range, such as "10.10.0.0/24"`,
            );
        }
      }
    },
  },
  {
    reads: ['environments.*.cluster.kind', 'environments.*.cluster.network'],
    check: (platform, refuse) => {
      for (const [a, b] of pairs(vmsOf(platform))) {
        if (overlap(a.cluster.network.cidr, b.cluster.network.cidr))
          refuse(
            ['environments', b.env, 'cluster', 'network', 'cidr'],
            `overlaps ${a.cluster.network.cidr} of environment "${a.env}"; use another range: overlapping networks cannot be peered`,
          );
      }
    },
  },
  {
    reads: ['environments.*.cluster.kind', 'environments.*.cluster.tunnelPort'],
    check: (platform, refuse) => {
      for (const [a, b] of pairs(vmsOf(platform))) {
        if (a.cluster.tunnelPort === b.cluster.tunnelPort)
          refuse(
            ['environments', b.env, 'cluster', 'tunnelPort'],
            `environment "${a.env}" has the same port; use another one, so that both tunnels can be open`,
          );
      }
    },
  },
  {
    reads: ['environments.*.cluster.kind', 'environments.*.cluster.power'],
    check: (platform, refuse) => {
      for (const { env, cluster } of vmsOf(platform)) {
        if (cluster.power && cluster.power.start === cluster.power.stop)
          refuse(
            ['environments', env, 'cluster', 'power', 'stop'],
            'must differ from start; remove `power` if the VM always runs',
          );
      }
    },
  },
  {
    reads: ['services.*.nodePort'],
    check: ({ services }, refuse) => {
      for (const [[a, one], [b, other]] of pairs(Object.entries(services))) {
        if (one.nodePort !== undefined && one.nodePort === other.nodePort)
          refuse(['services', b, 'nodePort'], `service "${a}" has the same node port; use another one`);
      }
    },
  },
  {
    reads: ['environments.*.exposure', 'services'],
    check: ({ environments, services }, refuse) => {
      for (const [env, { exposure }] of Object.entries(environments)) {
        if (!exposure || exposure.kind === 'none') continue;
        const at = ['environments', env, 'exposure', 'service'];
        const service = Object.hasOwn(services, exposure.service) ? services[exposure.service] : undefined;
        if (!service) refuse(at, `unknown service; expected one of ${Object.keys(services).join(', ')}`);
        else if (exposure.kind === 'node-port' && service.nodePort === undefined)
          refuse(at, 'this service has no nodePort; set one from 30000 to 32767');
      }
    },
  },
];
