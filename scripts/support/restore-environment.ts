import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signedInClients } from '../../clients/google';
import { writeKubeconfig } from '../../clients/kubeconfig';
import { type Reading, reading } from '../../clients/reading';
import { RegistryClient } from '../../clients/registry';
import { runningApplication } from '../../clients/running-application';
import { clusterVmOf } from '../../clients/vm';
import type { LayerId } from '../../contracts/layers';
import { VPC } from '../../contracts/vpc';
import { imageStatus } from '../../delivery/image/images';
import { ownImages } from '../../delivery/image/own-images';
import { overlaysOf } from '../../delivery/overlays';
import { UsageError } from '../../errors';
import { type LoadedPlatform, loadPlatform, restoreOf } from '../../platforms/load';
import { architectureOf } from '../../platforms/schema/cluster';
import { environmentOf } from '../../platforms/schema/define-platform';
import { deployCommand } from '../../platforms/schema/deploy-command';
import { layersOf } from '../../platforms/schema/environment';
import { identityOf } from '../../platforms/schema/identity';
import { namesOf } from '../../platforms/schema/names';
import type { Restore } from '../../platforms/schema/restore';
import { readFacts } from '../../recovery/read-facts';
import { abandonRestore, assertProved, leftDisks, writeRestore } from '../../recovery/restore';
import type { Source } from '../../recovery/restore-facts';
import { assertRestorable, planRestore } from '../../recovery/restore-plan';
import { assertOnlyTheVm, runRestore } from '../../recovery/run-restore';
import { snapshotsOf } from '../../recovery/snapshots';
import { synthesise } from '../../stacks/app';
import type { PlanSummary } from '../../terraform/plan';
import { stacksOf } from '../../terraform/stacks';
import { confirmed } from './confirmed';
import { interruption } from './interruption';
import { restoreText } from './restore-text';
import { tunnelled } from './tunnelled';

/** Options of `npm run restore`. */
export interface RestoreOptions {
  readonly platform: string;
  readonly env: string;
  readonly from?: string;
  readonly layer?: LayerId;
  readonly zone?: string;
  readonly maxAge: number;
  readonly allow?: readonly string[];
  readonly apply: boolean;
  readonly finish?: true;
  readonly abandon?: true;
  readonly planOnly?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

interface Context {
  readonly platform: LoadedPlatform;
  readonly options: RestoreOptions;
  /** The platform's restore file. */
  readonly file: string;
}

/** Plans, checks, asks, and restores. */
export async function restore({ platform, options, file }: Context): Promise<void> {
  const { env, dryRun, json } = options;
  const clients = await signedInClients();
  const facts = await readFacts(
    clients,
    { platform, env, stacks: stacksOf(platform, env, synthesise(platform)) },
    {
      from: sourceOf(options.from),
      ...(options.layer && { layer: options.layer }),
      ...(options.zone && { zone: options.zone }),
      maxAgeHours: options.maxAge,
      missingImages: await missingImages(platform, env),
    },
  );
  const plan = planRestore(facts);
  const isRefused = plan.checks.some(({ outcome }) => outcome === 'refused');
  const changes = isRefused ? undefined : await changesOf(platform, env, plan.restore);
  if (!json) console.log(restoreText(plan, changes));
  // A restore that goes on prints what it has verified.
  else if (dryRun || !options.apply || isRefused)
    console.log(JSON.stringify({ ...plan, ...(changes && { replaced: changes.replaced }) }, null, 2));
  assertRestorable(plan, options.allow);
  if (dryRun) return say(options, `\nwould restore ${env} from ${plan.snapshot.name}; nothing was changed: --dry-run`);
  if (options.apply && !options.yes)
    await confirmed(
      `\nrestore ${env}? Data written after ${plan.snapshot.createdAt.toISOString()} stays on the old disk.`,
    );
  writeRestore(file, platform.restores, env, plan.restore);
  if (!options.apply)
    return say(
      options,
      `\n${file} now restores from ${plan.snapshot.name}\nnext: ${deployCommand(platform, env, [VPC.layer])}`,
    );
  await run(options, plan.snapshot.record?.cluster);
}

/** Continues a restore, or the return from one, that was interrupted after its choice was written. */
export async function continueRestore({ platform, options, file }: Context): Promise<void> {
  const { env, dryRun } = options;
  const { generation, snapshot, abandoned } = restoreOf(platform, env);
  const what = abandoned ? `return to generation ${generation}` : `restore from ${snapshot}`;
  if (dryRun) return say(options, `would continue the ${what}, which ${file} has; choose anew with --from`);
  say(options, `continuing the ${what}, which ${file} has`);
  const found = abandoned
    ? undefined
    : (await snapshotsOf(await signedInClients(), platform, env).list()).find(({ name }) => name === snapshot);
  await run(options, found?.record?.cluster);
}

/** Returns to the disk before a restore. */
export async function abandon({ platform, options, file }: Context): Promise<void> {
  const { env, dryRun, yes } = options;
  const back = abandonRestore(restoreOf(platform, env), env);
  const { bootDisk } = namesOf(platform.name, env);
  const disk = bootDisk(back.generation);
  if (dryRun) return say(options, `would return to disk ${disk}; nothing was changed: --dry-run`);
  if (!yes) await confirmed(`return to disk ${disk}? What was written since the restore stays on the other one.`);
  writeRestore(file, platform.restores, env, back);
  await run(options, undefined);
}

/** Applies what restore.json says, verifies the VM, and applies what it lacks. */
async function run(options: RestoreOptions, cluster: Parameters<typeof runRestore>[0]['cluster']): Promise<void> {
  const { env, json } = options;
  const platform = loadPlatform(options.platform);
  const signal = interruption(`continue with: npm run restore -- --env ${env}`);
  const stacks = stacksOf(platform, env, synthesise(platform), { signal });
  const { applied, verified } = await runRestore({
    env,
    layers: layersOf(platform, env).flatMap((layer, index) => (stacks[index] ? [{ layer, stack: stacks[index] }] : [])),
    identity: identityOf(platform, env),
    cluster,
    application: runningApplication(platform, env),
    fetchKubeconfig: () => writeKubeconfig(clusterVmOf(platform, env), namesOf(platform.name, env).kubeconfig),
    connected: (work) => tunnelled(platform, env, work),
    begin: (step) => {
      signal.throwIfAborted();
      console.error(step);
    },
    signal,
  });
  if (json) return console.log(JSON.stringify({ applied, verified }, null, 2));
  console.log(
    `restored ${env}: ${verified.join(', ')}\n` +
      `commit restore.json; once the data is checked, delete the old disk: npm run restore -- --env ${env} --finish, or return to it with --abandon`,
  );
}

const WORDS = { deleted: 'deleted', absent: 'already deleted' };

/** Verifies the VM, and deletes the disks that restores have left. */
export async function finish({ platform, options, file }: Context): Promise<void> {
  const { env, dryRun, json } = options;
  const print = (result: object, text: string) => console.log(json ? JSON.stringify(result, null, 2) : text);
  const { previous, abandoned, ...kept } = restoreOf(platform, env);
  const left = leftDisks(restoreOf(platform, env), platform.google.zone);
  if (left.length === 0) return print([], `nothing to finish: ${file} lists no earlier disk of ${env}`);
  const { bootDisk } = namesOf(platform.name, env);
  const disks = left.map(({ generation }) => bootDisk(generation));
  await assertProved({ env, disks, identity: identityOf(platform, env) }, () =>
    tunnelled(platform, env, () => runningApplication(platform, env).node()),
  );
  const snapshots = snapshotsOf(await signedInClients(), platform, env);
  const outcomes: { disk: string; outcome: string }[] = [];
  for (const { generation, zones } of left) {
    const disk = bootDisk(generation);
    if (dryRun) outcomes.push({ disk, outcome: 'would be deleted' });
    else {
      const results = [];
      for (const zone of zones) results.push(await snapshots.deleteDisk(disk, zone));
      outcomes.push({ disk, outcome: WORDS[results.includes('deleted') ? 'deleted' : 'absent'] });
    }
  }
  if (!dryRun) writeRestore(file, platform.restores, env, { ...kept, ...(kept.generation > 1 && { finished: true }) });
  print(outcomes, outcomes.map(({ disk, outcome }) => `disk ${disk} ${outcome}`).join('\n'));
}

/** What terraform would change, planned in a folder that is deleted again: nothing is armed by looking. */
async function changesOf(platform: LoadedPlatform, env: string, choice: Restore): Promise<PlanSummary | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'restore-'));
  try {
    const restored = { ...platform, restores: { ...platform.restores, [env]: choice } };
    const [ground] = stacksOf(restored, env, synthesise(restored, folder));
    const changes = await ground?.plan({ lock: false });
    if (changes) assertOnlyTheVm(VPC.layer, changes);
    return changes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sourceOf(from = 'latest'): Source {
  if (from === 'latest') return from;
  if (/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(from)) return { name: from };
  const before = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(from) ? new Date(from) : new Date(Number.NaN);
  if (!Number.isNaN(before.getTime())) return { before };
  throw new UsageError(
    `--from: got "${from}"; give the name of a snapshot, latest, or a time such as 2026-01-05T02:00:00Z`,
  );
}

function missingImages(platform: LoadedPlatform, env: string): Promise<Reading<readonly string[]>> {
  return reading(async () => {
    const { cluster } = environmentOf(platform, env);
    const overlays = await overlaysOf(platform, env, '.');
    const images = await imageStatus(new RegistryClient(), overlays, ownImages(platform), architectureOf(cluster));
    return images.filter(({ state }) => state !== 'present').map(({ reference }) => reference);
  });
}

/** JSON output holds nothing else. */
function say({ json }: RestoreOptions, text: string): void {
  if (!json) console.log(text);
}
