import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Manifest } from 'cdktf';
import type { LoadedPlatform } from '../platforms/load';
import { layersOf, makerOf } from '../platforms/schema/environment';
import { VpcLayer } from './00-vpc';
import { K8sLayer } from './01-k8s';
import { ArgocdAppLayer } from './02-argocd-app';

/** The layers that a platform has, in every environment. `synth()` writes them to `outdir`. */
export function buildApp(platform: LoadedPlatform, outdir: string): App {
  mkdirSync(outdir, { recursive: true });
  const app = new App({ outdir, stackTraces: false });
  const made = new Map<string, K8sLayer>();
  for (const env of Object.keys(platform.environments)) {
    const layers = layersOf(platform, env);
    const vpc = layers.includes('00-vpc') ? new VpcLayer(app, { platform, env }) : undefined;
    if (!layers.includes('01-k8s')) continue;
    const maker = makerOf(platform, env, '01-k8s');
    const k8s = made.get(maker) ?? new K8sLayer(app, { platform, env: maker, vpc });
    made.set(maker, k8s);
    new ArgocdAppLayer(app, { platform, env, k8s });
  }
  return app;
}

/**
 * Synthesises a platform into `<root>/<platform>`, so that two platforms never share a working folder of terraform, and
 * makes it the one that `npx cdktf` sees: that reads `<root>/manifest.json`, and the paths in there.
 *
 * @returns the platform's folder; stack `vpc-prod` is in `stacks/vpc-prod` below it.
 */
export function synthesise(platform: LoadedPlatform, root: string): string {
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

/** Paths in cdktf's manifest, relative to the folder that it lies in. */
const PATHS = ['workingDirectory', 'synthesizedStackPath', 'stackMetadataPath'] as const;

/**
 * Leaves the traces empty that cdktf takes wherever a token is made, and that no file of a synthesis shows: they are a
 * twentieth of its time. Errors have theirs.
 */
function untraced(work: () => void): void {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (error, frames) =>
    error instanceof Error ? `${error}\n    at ${frames.join('\n    at ')}` : '';
  try {
    work();
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}
