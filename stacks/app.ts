import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Manifest } from 'cdktf';
import type { Layer, LayerProps } from '../constructs/layer';
import type { Contract } from '../contracts/contract';
import type { LayerId } from '../contracts/layers';
import type { LoadedPlatform } from '../platforms/load';
import { allLayersOf, foundationOf, foundationOwnerOf, makerOf, stackOf } from '../platforms/schema/environment';
import { untraced } from './fast-synthesis';

/** The default export of `stacks/<layer id>.ts`. */
type LayerClass = new (scope: App, props: LayerProps) => Layer<Contract>;

/** Builds the CDKTF app with the layers of every environment of a platform. `synth()` writes them to `outdir`. */
export function buildApp(platform: LoadedPlatform, outdir: string): App {
  mkdirSync(outdir, { recursive: true });
  const app = new App({ outdir, stackTraces: false });
  const built = new Map<string, Layer<Contract>>();
  const owner = foundationOwnerOf(platform);
  const shared: Layer<Contract>[] = [];
  for (const env of ownerFirst(platform, owner)) {
    const earlier = [...shared];
    for (const id of allLayersOf(platform, env)) {
      const stack = stackOf(platform, env, id);
      const layer =
        built.get(stack) ??
        new (classOf(id))(app, { platform, env: makerOf(platform, env, id), earlier: [...earlier] });
      built.set(stack, layer);
      // The latest is found first: the layer of this environment, before that of the owner.
      earlier.unshift(layer);
      if (env === owner && foundationOf(platform, env).includes(id)) shared.push(layer);
    }
  }
  return app;
}

/** The environments, the owner of the shared foundation first, since the others read it. */
function ownerFirst({ environments }: LoadedPlatform, owner: string | undefined): string[] {
  const names = Object.keys(environments);
  return [...names.filter((env) => env === owner), ...names.filter((env) => env !== owner)];
}

/** Loads the class of a layer. Its file is named after the layer's id, so that files are listed in apply order. */
function classOf(id: LayerId): LayerClass {
  return (require(`./${id}`) as { default: LayerClass }).default;
}

/**
 * Synthesises a platform into `<root>/<platform>`, so that two platforms never share a working folder of Terraform, and writes
 * `<root>/manifest.json`, from which `npx cdktf` reads the stacks and their paths.
 *
 * @param root - output folder of cdktf. @default - `CDKTF_OUTDIR`, or `cdktf.out`
 * @returns the platform's folder; stack `vpc-prod` is in `stacks/vpc-prod` below it.
 */
export function synthesise(
  platform: LoadedPlatform,
  root: string = process.env['CDKTF_OUTDIR'] ?? 'cdktf.out',
): string {
  const outdir = join(root, platform.name);
  untraced(() => buildApp(platform, outdir).synth());
  const manifest = JSON.parse(readFileSync(join(outdir, Manifest.fileName), 'utf8')) as {
    stacks: Record<string, Record<(typeof PATHS)[number], string>>;
  };
  for (const stack of Object.values(manifest.stacks)) {
    for (const key of PATHS) stack[key] = join(platform.name, stack[key]);
  }
  writeFileSync(join(root, Manifest.fileName), `${JSON.stringify(manifest, null, 2)}\n`);
  return outdir;
}

/** Paths in cdktf's manifest, relative to its folder. */
const PATHS = ['workingDirectory', 'synthesizedStackPath', 'stackMetadataPath'] as const;
