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
 * | `CDKTF_OUTDIR` | output folder; set by cdktf | `cdktf.out` |
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
  // The message of an invalid platform is complete: a stack trace would only hide it.
  const { exitCode = 1, message, stack } = error as Error & { exitCode?: number };
  console.error(exitCode === 1 ? stack : message);
  process.exitCode = exitCode;
}
