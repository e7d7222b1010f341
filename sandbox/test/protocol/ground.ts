import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoverageCounter } from '../../coverage';
import { Faults } from '../../faults';
import { nullProvider } from '../../null/provider';
import type { ProviderBehaviour } from '../../protocol/behaviour';
import { serveProviders } from '../../protocol/server';
import { World } from '../../world';
import { type Finished, start } from '../helpers/terraform';
import { toyGoogle } from './toys';

/** A folder of plain HCL, the real terraform, and the toy providers. */
export class Ground {
  readonly world = World.inMemory();
  readonly coverage = new CoverageCounter();
  readonly faults = new Faults();
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'ground-')));
  private env: NodeJS.ProcessEnv = {};
  private hangUp = async () => {};

  static async open(providers: ProviderBehaviour[] = [toyGoogle(), nullProvider()]): Promise<Ground> {
    const ground = new Ground();
    const served = await serveProviders(providers, { ...ground, home: ground.folder });
    ground.env = { TF_REATTACH_PROVIDERS: served.reattach };
    ground.hangUp = served.close;
    return ground;
  }

  async close(): Promise<void> {
    await this.hangUp();
    this.world.clock.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Replaces the configuration. */
  write(text: string, file: 'main.tf' | 'main.tf.json' = 'main.tf'): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Runs terraform and expects it to pass. */
  async passes(...args: string[]): Promise<Finished> {
    const finished = await this.run(...args);
    if (finished.code !== 0)
      throw new Error(`terraform ${args.join(' ')} failed\n${finished.stdout}${finished.stderr}`);
    return finished;
  }

  /** Runs terraform and expects it to fail. Returns the errors as one line. */
  async fails(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code === 0) throw new Error(`terraform ${args.join(' ')} passed\n${stdout}`);
    return stderr.replace(/[\s│╷╵]+/g, ' ');
  }

  /** Writes a configuration and applies it. */
  async apply(hcl: string): Promise<string> {
    this.write(hcl);
    return (await this.passes('apply', '-auto-approve')).stdout;
  }

  /** Whether a plan finds nothing to do. */
  async isSettled(): Promise<boolean> {
    return (await this.run('plan', '-detailed-exitcode')).code === 0;
  }

  /** Values of a resource as terraform's state has them. */
  async state(address: string): Promise<Record<string, unknown>> {
    const shown = JSON.parse((await this.passes('show', '-json')).stdout);
    const resources: { address: string; values: Record<string, unknown> }[] = shown.values?.root_module.resources ?? [];
    const found = resources.find((resource) => resource.address === address);
    if (!found) throw new Error(`${address} is not in the state: ${resources.map((each) => each.address).join(', ')}`);
    return found.values;
  }

  /** Changes the state file behind terraform's back. */
  editState(edit: (state: string) => string): void {
    const file = join(this.folder, 'terraform.tfstate');
    const state = readFileSync(file, 'utf8');
    const edited = edit(state);
    if (edited === state) throw new Error('the edit found nothing to change in the state');
    writeFileSync(file, edited.replace(/,(\s*})/g, '$1'));
  }

  run(...args: string[]): Promise<Finished> {
    return this.start(...args).finished;
  }

  start(...args: string[]) {
    return start(this.folder, args, { ...this.env, TF_CLI_ARGS: '-no-color' });
  }
}
