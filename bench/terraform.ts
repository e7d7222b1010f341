import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../clients/process';
import { stackId } from '../contracts/layers';
import { VPC } from '../contracts/vpc';
import { defaultPlatform, loadPlatform } from '../platforms/load';
import { sandboxOf } from '../rehearsal/sandbox-of';
import { startSandbox } from '../sandbox';
import { synthesise } from '../stacks/app';
import { serveEcho } from './echo';
import type { Figure } from './figure';
import { interleave } from './measure';

/**
 * Measures how long terraform takes to apply, plan and destroy the first layer on simulated clouds, compared with the same
 * configuration, state bucket and providers that only echo the plan.
 *
 * @param folder - for the sandbox and the configuration.
 */
export async function terraform(folder: string, rounds: number): Promise<Figure[]> {
  const platform = loadPlatform(defaultPlatform());
  const sandbox = await startSandbox({
    ...(await sandboxOf(platform)),
    directory: join(folder, 'sandbox'),
    fresh: true,
  });
  const echo = await serveEcho();
  try {
    const life = async (env: NodeJS.ProcessEnv) => {
      for (const command of ['apply', 'plan', 'destroy']) await terraformIn(layer, env, command);
      await sandbox.world.clock.settled();
    };
    const layer = join(synthesise(platform, join(folder, 'cdktf.out')), 'stacks', stackId(VPC.layer, 'prod'));
    allowDestroy(join(layer, 'cdk.tf.json'));
    await terraformIn(layer, sandbox.env, 'init');
    await terraformIn(layer, sandbox.env, 'apply');
    const count = (await terraformIn(layer, sandbox.env, 'state', 'list')).filter(
      (line) => !/^data\.|^$/.test(line),
    ).length;
    await terraformIn(layer, sandbox.env, 'destroy');

    const floor = { ...sandbox.env, TF_REATTACH_PROVIDERS: echo.reattach };
    const [oursTime, floorTime] = await interleave(
      rounds,
      () => life(sandbox.env),
      () => life(floor),
    );
    return [
      {
        name: `apply, plan, destroy of ${count} resources`,
        ours: oursTime,
        other: floorTime,
        otherName: 'echo',
        goal: 1.25,
      },
    ];
  } finally {
    await echo.close();
    await sandbox.close();
  }
}

/** What is measured is destroyed again: nothing in it is kept from that. */
function allowDestroy(file: string): void {
  const free = (key: string, value: unknown) => (key === 'prevent_destroy' ? undefined : value);
  writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'), free)));
}

async function terraformIn(cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<string[]> {
  const [command = ''] = args;
  const consent = ['apply', 'destroy'].includes(command) ? ['-auto-approve'] : [];
  const { code, stdout, stderr } = await run('terraform', [...args, ...consent], { cwd, env });
  if (code !== 0) throw new Error(`terraform ${command} failed in ${cwd}\n${stdout}${stderr}`);
  return stdout.split('\n');
}
