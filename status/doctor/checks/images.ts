import { architectureOf } from '../../../platforms/schema/cluster';
import { environmentOf } from '../../../platforms/schema/define-platform';
import { registryHost } from '../../../platforms/schema/registry';
import { type Check, type Family, ok, unchecked, wrong } from '../check';

/** An image is built and pushed with less only by luck. */
const ENOUGH_BYTES = 5_000_000_000;

const inRegistry: Check = {
  name: 'images in the registry',
  look: async (at) => {
    const missing = (await at.images()).filter(({ state }) => state === 'missing');
    return missing.length === 0
      ? ok('all that the overlays name')
      : wrong(
          `the registry lacks ${missing.map(({ reference }) => reference).join(', ')}`,
          `npm run images -- push ${missing.map(({ name }) => name).join(' ')} --platform ${at.platform.name}`,
        );
  },
};

const architecture: Check = {
  name: 'architecture of images',
  look: async (at) => {
    const nodes = `linux/${architectureOf(environmentOf(at.platform, at.env).cluster)}`;
    const foreign = (await at.images()).filter(({ state }) => state === 'wrong platform');
    return foreign.length === 0
      ? ok(nodes)
      : wrong(
          `the nodes are ${nodes}, but ${foreign.map(({ reference, platforms }) => `${reference} is for ${platforms.join(', ')}`).join(', ')}`,
          `add ${nodes} to architectures in platforms/${at.platform.name}/platform.ts, and push again`,
        );
  },
};

const login: Check = {
  name: 'registry login',
  look: async (at) => {
    if (at.platform.registry.kind === 'upstream') return unchecked('the platform has no registry');
    const host = registryHost(at.platform);
    const fix =
      at.platform.registry.kind === 'artifact-registry'
        ? `gcloud auth configure-docker ${host}`
        : `docker login ${host}`;
    return (await at.hasLogin(host))
      ? ok(host)
      : wrong(`docker has no credentials for ${host}: a push is refused`, fix);
  },
};

/** What a registry answers while it limits an account, or an address without one. */
const limits: Check = {
  name: 'registry limits',
  look: async (at) => {
    try {
      await at.images();
      return ok('not reached');
    } catch (error) {
      const { message } = error as Error;
      if (!/refused .* 429 /.test(message)) throw error;
      return wrong(message.split(';')[0] ?? '', 'wait an hour, or log in: registries limit anonymous requests more');
    }
  },
};

const disk: Check = {
  name: 'disk space',
  look: (at) => {
    const free = at.freeBytes();
    const gigabytes = `${(free / 1e9).toFixed(1)} GB free`;
    return free >= ENOUGH_BYTES
      ? ok(gigabytes)
      : wrong(`${gigabytes}: building an image needs ${ENOUGH_BYTES / 1e9} GB`, 'docker system prune');
  },
};

/** Whether images can be pushed and pulled. */
export const images: Family = { family: 'images', checks: [inRegistry, architecture, login, limits, disk] };
