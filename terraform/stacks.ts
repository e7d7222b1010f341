import { join } from 'node:path';
import type { Platform } from '../platforms/schema/define-platform';
import { layersOf, stackOf } from '../platforms/schema/environment';
import { Stack, type StackOptions } from './stack';

/**
 * The stacks of an environment, in apply order.
 *
 * @param outdir - output folder of the synthesised platform.
 * @param options - environment, output and interruption of every command.
 */
export function stacksOf(platform: Platform, env: string, outdir: string, options: StackOptions = {}): Stack[] {
  return layersOf(platform, env).map((layer) => {
    const id = stackOf(platform, env, layer);
    return new Stack(id, join(outdir, 'stacks', id), options);
  });
}
