import { join } from 'node:path';
import { layersOf, stackOf } from '../../platforms/environment';
import type { Platform } from '../../platforms/schema';
import { Stack } from '../../terraform/stack';

/**
 * The stacks of an environment, in apply order.
 *
 * @param outdir - the synthesised platform.
 */
export function stacksOf(platform: Platform, env: string, outdir: string): Stack[] {
  return layersOf(platform, env).map((layer) => {
    const id = stackOf(platform, env, layer);
    return new Stack(id, join(outdir, 'stacks', id));
  });
}
