import { type LayerId, scopeOf } from '../../contracts/layers';
import { environmentOf, type Platform } from './define-platform';
import { layersOf, stackOf } from './environment';

/**
 * The command that deploys layers of an environment, ready to paste: it sets the platform, opens the tunnel to a cluster that
 * needs one, and tells cdktf to ignore the earlier layers, which it would otherwise insist on deploying too.
 *
 * @param layers - in apply order, at least one.
 */
export function deployCommand(platform: Platform, env: string, layers: readonly LayerId[]): string {
  const stacks = layers.map((layer) => stackOf(platform, env, layer)).join(' ');
  const inCluster = layers.some((layer) => scopeOf(layer) === 'cluster');
  const through =
    inCluster && environmentOf(platform, env).cluster.kind === 'k0s-vm' ? `npm run tunnel -- ${env} ` : '';
  const all = layersOf(platform, env);
  const flag = layers[0] !== all[0] ? ' --ignore-missing-stack-dependencies' : '';
  return `PLATFORM=${platform.name} ${through}npx cdktf deploy ${stacks}${flag}`;
}
