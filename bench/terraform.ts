import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../clients/process';
import { stackId } from '../contracts/layers';
import { VPC } from '../contracts/vpc';
import { loadPlatform } from '../platforms/load';
import { sandboxOf } from '../rehearsal/sandbox-of';
import { startSandbox } from '../sandbox/sandbox';
import { synthesise } from '../stacks/app';
import type { Figure } from './figure';
import { interleave } from './measure';

/**
 * How long terraform takes to apply, plan and destroy the first layer on simulated clouds, against as many resources of
 * terraform's own `terraform_data`, which no provider stands behind, with their state in the same simulated bucket.
 *
 * @param folder - for the sandbox and both configurations.
 */
export async function terraform(folder: string, rounds: number): Promise<Figure[]> {
  const platform = loadPlatform('threads');
  const sandbox = await startSandbox({
    ...(await sandboxOf(platform)),
    directory: join(folder, 'sandbox'),
    fresh: true,
  });
  try {
    const life = async (cwd: string) => {
      for (const command of ['apply', 'plan', 'destroy']) await terraformIn(cwd, sandbox.env, command);
      await sandbox.world.clock.settled();
    };
    const ours = join(synthesise(platform, join(folder, 'cdktf.out')), 'stacks', stackId(VPC.layer, 'prod'));
    await terraformIn(ours, sandbox.env, 'init');
    await terraformIn(ours, sandbox.env, 'apply');
    const count = (await terraformIn(ours, sandbox.env, 'state', 'list')).filter(
      (line) => !/^data\.|^$/.test(line),
    ).length;
    await terraformIn(ours, sandbox.env, 'destroy');
    const plain = join(folder, 'plain');
    writePlain(plain, count, platform.state.bucket);
    await terraformIn(plain, sandbox.env, 'init');

    const [oursTime, plainTime] = await interleave(
      rounds,
      () => life(ours),
      () => life(plain),
    );
    return [
      {
        name: `apply, plan, destroy of ${count} resources`,
        ours: oursTime,
        other: plainTime,
        otherName: 'terraform_data',
        goal: 1.5,
      },
    ];
  } finally {
    await sandbox.close();
  }
}

/** A configuration of so many resources that nothing stands behind. */
function writePlain(folder: string, count: number, bucket: string): void {
  mkdirSync(folder, { recursive: true });
  const resources = Array.from({ length: count }, (_, index) => [`resource-${index}`, { input: `value ${index}` }]);
  const configuration = {
    terraform: { backend: { gcs: { bucket, prefix: 'bench' } } },
    resource: { terraform_data: Object.fromEntries(resources) },
  };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(configuration, null, 2));
}

async function terraformIn(cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<string[]> {
  const [command = ''] = args;
  const consent = ['apply', 'destroy'].includes(command) ? ['-auto-approve'] : [];
  const { code, stdout, stderr } = await run('terraform', [...args, ...consent], { cwd, env });
  if (code !== 0) throw new Error(`terraform ${command} failed in ${cwd}\n${stdout}${stderr}`);
  return stdout.split('\n');
}
