import { UsageError } from './errors';
import { defaultPlatform, loadPlatform } from './platforms/load';
import { synthesise } from './stacks/app';

/**
 * What cdktf.json calls: synthesises one platform, by default the one in cdktf.json's context. It checks the description only,
 * which takes milliseconds; `npm run validate` renders the trees and checks them against it.
 *
 * | variable | meaning | default |
 * | --- | --- | --- |
 * | `PLATFORM` | folder of platforms/ | `context.platform` in cdktf.json |
 * | `CDKTF_OUTDIR` | where to; cdktf sets it | `cdktf.out` |
 */
function main(): void {
  const words = process.argv.slice(2).join(' ');
  if (words) throw new UsageError(`unexpected arguments "${words}"; choose a platform with PLATFORM=<name>`);
  const platform = loadPlatform(defaultPlatform());
  synthesise(platform);
}

try {
  main();
} catch (error) {
  // A platform that is not valid says what is wrong with it; where in our code that was found helps nobody.
  const { exitCode = 1, message, stack } = error as Error & { exitCode?: number };
  console.error(exitCode === 1 ? stack : message);
  process.exitCode = exitCode;
}
