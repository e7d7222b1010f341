import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { app } from '../cdktf.json';
import type { Figure } from './figure';
import { interleave } from './measure';
import { filesBelow, writeStock } from './stock';

/**
 * Measures how long a synthesis takes as cdktf.json runs it, as whole processes: compared with a node that does nothing, and with
 * the same stacks in the layout of `cdktf init`.
 *
 * @param folder - for the stock layout and the output of both.
 * @throws if the two layouts do not synthesise the same files, since their times could not be compared.
 */
export async function synthesis(folder: string, rounds: number): Promise<Figure[]> {
  const root = process.cwd();
  const stockFolder = join(folder, 'stock');
  const stock = writeStock(root, stockFolder);
  const [command = '', ...args] = app.split(' ');
  const outdir = { ours: join(folder, 'ours.out'), stock: join(folder, 'stock.out') };
  const ours = () => run(command, args, root, outdir.ours);
  const nothing = () => run(process.execPath, ['-e', '0'], root, folder);

  const [oursTime, nothingTime] = await interleave(rounds, ours, nothing);
  // The stock layout takes seconds, so it gets fewer rounds.
  const [oursAgain, stockTime] = await interleave(Math.ceil(rounds / 4), ours, () =>
    run(stock.command, stock.args, stockFolder, outdir.stock),
  );
  sameFiles(outdir.ours, outdir.stock);
  return [
    { name: 'synthesis, whole process', ours: oursTime, other: nothingTime, otherName: 'node -e 0', goal: 5 },
    { name: 'synthesis, whole process', ours: oursAgain, other: stockTime, otherName: 'stock layout', goal: 0.1 },
  ];
}

function run(command: string, args: readonly string[], cwd: string, outdir: string): void {
  const env = { ...process.env, CDKTF_OUTDIR: outdir };
  const { status, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed in ${cwd}\n${error?.message ?? stderr}`);
}

function sameFiles(ours: string, stock: string): void {
  const [mine, theirs] = [filesBelow(ours), filesBelow(stock)];
  const differing = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].filter((p) => mine[p] !== theirs[p]);
  if (differing.length === 0) return;
  throw new Error(`the stock layout synthesises something else: ${differing.join(', ')} differ; see bench/stock.ts`);
}
