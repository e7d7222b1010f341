import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dump, Dumps } from '../../clients/dumps';
import { clusterPlaceOf } from '../../clients/kubectl';
import { PodDatabase } from '../../clients/pod-database';
import { assertKubeconfig } from '../../clients/running-application';
import { FailedError, UsageError } from '../../errors';
import { type LoadedPlatform, loadPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { namespaceOf, projectOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import {
  assertNothingMissing,
  dropOld,
  oldDatabases,
  restoreAside,
  swap,
  swapBack,
  type TableCount,
} from '../../recovery/restore-database';
import { columns } from '../../terminal/columns';
import { confirmed } from './confirmed';
import { tunnelled } from './tunnelled';

/** Options of `npm run restore -- --database`. */
export interface RestoreDatabaseOptions {
  readonly platform: string;
  readonly env: string;
  /** The database; true for the one with the name of the platform. */
  readonly database: string | true;
  readonly from?: string;
  /** Environment whose dump it is. @default - the same */
  readonly of?: string;
  readonly dump?: string;
  readonly pod: string;
  readonly allowMissing?: true;
  readonly finish?: true;
  readonly abandon?: true;
  readonly dryRun?: true;
  readonly planOnly?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** Brings the rows of a dump back, returns from that, or deletes what it has left. */
export async function restoreDatabase(options: RestoreDatabaseOptions): Promise<void> {
  const { env, json } = options;
  const platform = loadPlatform(options.platform);
  const { cluster } = environmentOf(platform, env);
  const database = options.database === true ? platform.name : options.database;
  assertKubeconfig(platform, env);
  const server = new PodDatabase(clusterPlaceOf(platform, env), namespaceOf(platform, env), options.pod);
  const print = (result: object, text: string) => console.log(json ? JSON.stringify(result, null, 2) : text);
  const work = async () => {
    if (options.finish) return finish(server, database, options, print);
    if (options.abandon) return abandon(server, database, options, print);
    const folder = mkdtempSync(join(tmpdir(), 'dump-'));
    try {
      const dump = options.dump ?? (await download(platform, options, database, join(folder, 'dump')));
      await restore(server, database, dump, options, print);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await (cluster.kind === 'k0s-vm' ? tunnelled(platform, env, work) : work());
}

type Print = (result: object, text: string) => void;

async function restore(
  server: PodDatabase,
  database: string,
  dump: string,
  { dryRun, yes, allowMissing, json, env }: RestoreDatabaseOptions,
  print: Print,
): Promise<void> {
  const counts = await restoreAside(server, database, dump);
  if (!json) console.log(countsText(counts));
  if (!allowMissing) assertNothingMissing(database, counts);
  if (dryRun)
    return print({ dryRun, counts }, `would swap ${database}; the dump is in a side database, which --finish deletes`);
  if (!yes) await confirmed(`put the dump in the place of ${database}? Clients are disconnected for a moment.`);
  const kept = await swap(server, database, new Date());
  print(
    { database, kept, counts },
    `${database} has the rows of the dump; those of before are in ${kept}\n` +
      `return to them with npm run restore -- --env ${env} --database ${database} --abandon, or delete them with --finish`,
  );
}

async function abandon(
  server: PodDatabase,
  database: string,
  { dryRun, yes }: RestoreDatabaseOptions,
  print: Print,
): Promise<void> {
  const newest = (await oldDatabases(server, database)).at(-1);
  if (dryRun && newest) return print({ dryRun, returnsTo: newest }, `would return to ${newest}`);
  if (newest && !yes) await confirmed(`return ${database} to ${newest}?`);
  const from = await swapBack(server, database);
  print({ database, from }, `${database} is what ${from} was`);
}

async function finish(
  server: PodDatabase,
  database: string,
  { dryRun }: RestoreDatabaseOptions,
  print: Print,
): Promise<void> {
  const deleted = dryRun ? await oldDatabases(server, database) : await dropOld(server, database);
  const text = deleted.map((one) => `${one} ${dryRun ? 'would be deleted' : 'deleted'}`).join('\n');
  print(deleted, text || `nothing to finish: ${database} has no earlier contents`);
}

async function download(
  platform: LoadedPlatform,
  { env: target, of: env = target, from = 'latest' }: RestoreDatabaseOptions,
  database: string,
  file: string,
): Promise<string> {
  if (!environmentOf(platform, env).backup)
    throw new UsageError(
      `environment "${env}" has no backups; give a dump of pg_dump --format=custom with --dump FILE`,
    );
  const bucket = namesOf(platform.name, env).bucket(projectOf(platform), 'backups');
  const dumps = new Dumps(bucket);
  const chosen = choose(await dumps.list(), from);
  if (!chosen)
    throw new FailedError(`no complete dump in gs://${bucket} for --from ${from}; list them with gcloud storage ls`);
  console.error(`dump ${chosen.folder} of ${chosen.at.toISOString()}`);
  await dumps.download(chosen, database, file);
  return file;
}

/** @param from - `latest`, a folder, or a time: the newest until then */
function choose(dumps: readonly Dump[], from: string): Dump | undefined {
  if (from === 'latest') return dumps[0];
  const time = /^\d{4}-\d\d-\d\d/.test(from) ? Date.parse(from) : Number.NaN;
  return dumps.find(({ folder, at }) => (Number.isNaN(time) ? folder === from : at.getTime() <= time));
}

function countsText(counts: readonly TableCount[]): string {
  const cell = (count: number | undefined) => (count === undefined ? '-' : String(count));
  const width = Math.max(...counts.map(({ dumped, now }) => Math.max(cell(dumped).length, cell(now).length)), 4);
  const rows = counts.map(({ table, dumped, now }) => [table, cell(dumped).padStart(width), cell(now).padStart(width)]);
  return columns([['table', 'dump'.padStart(width), 'now'.padStart(width)], ...rows]).join('\n');
}
