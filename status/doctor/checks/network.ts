import { environmentOf } from '../../../platforms/schema/define-platform';
import { registryHost } from '../../../platforms/schema/registry';
import { type Check, type Family, ok, unchecked, wrong } from '../check';
import type { Surroundings } from '../surroundings';

/** Google refuses requests that are signed by a clock which differs by more than this. See https://cloud.google.com/storage/docs/troubleshooting */
const SKEW_SECONDS = 60;

const GOOGLE = 'https://compute.googleapis.com/';

const clock: Check = {
  name: 'clock',
  look: async (at) => {
    const root = at.variables['STRATA_COMPUTE_ENDPOINT'];
    if (root) return unchecked('simulated clouds have another time');
    const { date } = await at.reach(GOOGLE);
    if (date === null) return unchecked('Google sent no date');
    const seconds = Math.round((at.now.getTime() - Date.parse(date)) / 1000);
    return Math.abs(seconds) <= SKEW_SECONDS
      ? ok(`differs by ${Math.abs(seconds)} s`)
      : wrong(
          `the clock of this machine is ${Math.abs(seconds)} s ${seconds > 0 ? 'fast' : 'slow'}`,
          'synchronise it: sudo timedatectl set-ntp true',
        );
  },
};

/** A place that commands call. */
interface Place {
  readonly name: string;
  /** Its address, or why it is not called. */
  readonly url: (at: Surroundings) => string | { readonly why: string };
  readonly needs: string;
}

const PLACES: readonly Place[] = [
  {
    name: 'Identity-Aware Proxy',
    url: ({ platform, env }) =>
      environmentOf(platform, env).cluster.kind === 'k0s-vm'
        ? 'https://tunnel.cloudproxy.app/'
        : { why: 'the cluster is not reached through it' },
    needs: 'the tunnel needs it',
  },
  {
    name: 'registry',
    url: ({ platform }) => {
      if (platform.registry.kind === 'upstream') return { why: 'the platform has no registry' };
      const host = registryHost(platform);
      return `https://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/`;
    },
    needs: 'images need it',
  },
  { name: 'GitHub', url: () => 'https://api.github.com/', needs: 'comments, issues and deliveries need it' },
];

const places = PLACES.map(
  ({ name, url, needs }): Check => ({
    name,
    look: async (at) => {
      if (at.variables['STRATA_SANDBOX']) return unchecked('the clouds are simulated');
      const address = url(at);
      if (typeof address !== 'string') return unchecked(address.why);
      const { host } = new URL(address);
      try {
        await at.reach(address);
        return ok(host);
      } catch (error) {
        return wrong(
          `${host} does not answer: ${(error as Error).message}`,
          `let this machine reach ${host} on port 443, or set HTTPS_PROXY; ${needs}`,
        );
      }
    },
  }),
);

/** The clock of this machine, and whether it reaches what commands call. */
export const network: Family = { family: 'network', checks: [clock, ...places] };
