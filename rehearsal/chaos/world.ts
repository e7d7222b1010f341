import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LayerId } from '../../contracts/layers';
import type { LoadedPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { layersOf, stackOf } from '../../platforms/schema/environment';
import { Stack } from '../../terraform/stack';
import { openGround, type SimulatedGround } from '../ground';
import { Rehearsal } from '../rehearsal';
import { FETCH_KUBECONFIG, SET_SECRETS, SYNTHESISE } from '../steps/bring-up';
import { type Fingerprint, fingerprintOf } from './fingerprint';

/** What terraform does to a layer. */
type Verb = 'apply' | 'delete';

/** Simulated clouds in a folder, right before a saved plan is applied. */
export interface Boundary {
  readonly verb: Verb;
  readonly layer: LayerId;
  /** Stack id. */
  readonly stack: string;
  readonly folder: string;
  /** Calls that the saved plan makes, by resource type. */
  readonly calls: Readonly<Record<string, number>>;
  /** The end without a fault. */
  readonly expected: Fingerprint;
}

/** Parts of a sandbox's folder that belong to one start of it. */
const OF_ONE_START = ['lock', 'providers', 'running'];

/** Deploys an environment layer by layer, and keeps a copy of the clouds before each layer is applied and before it is deleted. */
export async function boundariesOf(
  platform: LoadedPlatform,
  env: string,
  directory: string,
  onProgress: (line: string) => void,
): Promise<Boundary[]> {
  const boundaries: Boundary[] = [];
  const ground = await openGround(platform, env, { directory: join(directory, 'base') });
  try {
    const rehearsal = new Rehearsal(platform, env, ground);
    await SYNTHESISE.run(rehearsal);
    const hasVm = environmentOf(platform, env).cluster.kind === 'k0s-vm';
    for (const layer of layersOf(platform, env)) {
      const stack = rehearsal.stack(layer);
      onProgress(`deploying ${layer}`);
      const plan = await stack.plan();
      const before = copyOf(ground, join(directory, `apply-${layer}`));
      await stack.apply();
      await ground.settled();
      const calls = countCalls(plan.changes, 'create');
      boundaries.push(boundary(platform, env, layer, 'apply', before, calls, ground));
      const protect = unprotect(stack);
      const removal = await stack.plan({ destroy: true });
      const whole = copyOf(ground, join(directory, `delete-${layer}`));
      protect();
      const deletions = countCalls(removal.changes, 'delete');
      const expected = await afterDeletion(platform, env, layer, whole);
      boundaries.push({ ...boundary(platform, env, layer, 'delete', whole, deletions, ground), expected });
      if (hasVm && layer === layersOf(platform, env)[0]) {
        await SET_SECRETS.run(rehearsal);
        await FETCH_KUBECONFIG.run(rehearsal);
      }
    }
  } finally {
    await ground.close();
  }
  return boundaries;
}

/** Opens a copy of the clouds of a boundary. */
export async function openCopy(
  platform: LoadedPlatform,
  env: string,
  boundary: Pick<Boundary, 'folder' | 'stack'>,
  folder: string,
): Promise<{ readonly ground: SimulatedGround; readonly stack: Stack; close(): Promise<void> }> {
  rmSync(folder, { recursive: true, force: true });
  cpSync(boundary.folder, folder, { recursive: true });
  const ground = await openGround(platform, env, { directory: folder, kept: true });
  redirectKubeconfigs(ground);
  const stack = new Stack(boundary.stack, join(folder, 'cdktf.out', platform.name, 'stacks', boundary.stack), {
    env: ground.env,
  });
  return {
    ground,
    stack,
    close: async () => {
      await ground.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Copies the clouds as they are at this moment, without what belongs to one start of the sandbox. */
function copyOf(ground: SimulatedGround, folder: string): string {
  ground.sandbox.world.save();
  rmSync(folder, { recursive: true, force: true });
  cpSync(ground.directory, folder, {
    recursive: true,
    filter: (source) => join(ground.directory, basename(source)) !== source || !OF_ONE_START.includes(basename(source)),
  });
  return folder;
}

function boundary(
  platform: LoadedPlatform,
  env: string,
  layer: LayerId,
  verb: Verb,
  folder: string,
  calls: Boundary['calls'],
  ground: SimulatedGround,
): Boundary {
  const stack = stackOf(platform, env, layer);
  return { verb, layer, stack, folder, calls, expected: fingerprintOf(ground.sandbox.world.data) };
}

function countCalls(
  changes: readonly { readonly type: string; readonly change: { readonly actions: readonly string[] } }[],
  action: string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type, change } of changes) if (change.actions.includes(action)) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** What the clouds are like once a layer is deleted without a fault. */
async function afterDeletion(
  platform: LoadedPlatform,
  env: string,
  layer: LayerId,
  folder: string,
): Promise<Fingerprint> {
  const copy = await openCopy(platform, env, { folder, stack: stackOf(platform, env, layer) }, `${folder}-reference`);
  try {
    await copy.stack.apply();
    await copy.ground.settled();
    return fingerprintOf(copy.ground.sandbox.world.data);
  } finally {
    await copy.close();
  }
}

/** Lifts `prevent_destroy`, as a person does who deletes an environment. @returns what sets it again */
function unprotect({ directory }: Stack): () => void {
  const file = join(directory, 'cdk.tf.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/"prevent_destroy": true/g, '"prevent_destroy": false'));
  return () => writeFileSync(file, text);
}

/** Points the kubeconfigs of a copy to its own port: that of the original may be in use. */
function redirectKubeconfigs({ sandbox, directory }: SimulatedGround): void {
  const folder = join(directory, 'home', '.kube');
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const { host } = new URL(sandbox.baseUrl);
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/127\.0\.0\.1:\d+/g, host));
  }
}
