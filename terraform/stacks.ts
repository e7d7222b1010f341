import { join } from 'node:path';
import type { Platform } from '../platforms/schema/define-platform';
import { layersOf, stackOf } from '../platforms/schema/environment';
import { Stack } from './stack';

/**
 * The stacks of an environment, in apply order.
 *
 * @param outdir - output folder of the synthesised platform.
 */
export function stacksOf(platform: Platform, env: string, outdir: string): Stack[] {
  return layersOf(platform, env).map((layer) => {
    const id = stackOf(platform, env, layer);
    return new Stack(id, join(outdir, 'stacks', id));
  });
}
