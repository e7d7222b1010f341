import { join } from 'node:path';
import cdktf from '../../cdktf.json';
import { platformsIn } from '../../manifests/checks/environments';
import { loadPlatform } from '../../platforms/load';

/** Every platform, and whether this repository is its own. */
export function loadPlatforms() {
  return platformsIn(join(__dirname, '../..')).map((name) => ({
    platform: loadPlatform(name),
    isDefault: name === cdktf.context.platform,
  }));
}
