import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, type Finished, run } from '../clients/process';
import { RUN_VARIABLE } from './lock/holder';
import { StateLock } from './lock/state-lock';
import { type PlanJson, type PlanSummary, summarise } from './plan';
import { gcsBackendOf } from './synthesised';

/** File of a saved plan, in the stack's working folder. */
const PLAN_FILE = 'strata.tfplan';

/** What terraform leaves in its working folder if it cannot write the state to its backend. */
export const ERRORED_STATE = 'errored.tfstate';

/** A terraform command failed. The message is terraform's; `log` is its whole output. */
export class TerraformError extends Error {
  constructor(
    readonly stackId: string,
    readonly command: string,
    readonly log: string,
    readonly signal?: NodeJS.Signals,
  ) {
    super(
      signal
        ? `terraform ${command} in ${stackId} was ended by ${signal}: the state may still be locked, and its last operations may be missing in the state; repair it with npm run state -- doctor --heal, or see docs/runbooks/state-lock.md`
        : `terraform ${command} failed in ${stackId}\n${firstError(log)}`,
    );
    this.name = 'TerraformError';
  }
}

/** Environment, output and interruption of every command on a stack. */
export type StackOptions = Omit<CommandOptions, 'cwd' | 'input'>;

/** How to plan. */
interface PlanOptions {
  /** Plan to destroy everything. @default false */
  readonly destroy?: boolean;
  /** False for an identity that may only read: the plan takes no lock of the state. @default true */
  readonly lock?: boolean;
  /** Addresses that the plan is about, with what they depend on. @default - all */
  readonly targets?: readonly string[];
  /** False to trust the state, without reading the resources. @default true */
  readonly refresh?: boolean;
}

/** A managed resource in a state. Its values may be secret and must not be logged or reported. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A module in the output of `terraform show -json`. */
interface StateModule {
  readonly resources?: readonly (StateResource & { readonly mode: string })[];
  readonly child_modules?: readonly StateModule[];
}

/** One synthesised stack in its working folder, and the terraform commands on it. */
export class Stack {
  private initialised = false;

  /**
   * @param id - stack id such as `vpc-prod`, for messages.
   * @param directory - its folder in cdktf.out, with `cdk.tf.json`.
   * @param options - environment, output and interruption of every command.
   */
  constructor(
    readonly id: string,
    readonly directory: string,
    private readonly options: StackOptions = {},
  ) {
    if (!existsSync(join(directory, 'cdk.tf.json'))) {
      throw new Error(`stack ${id} is not synthesised: ${directory} has no cdk.tf.json; run npm run synth first`);
    }
  }

  /** Initialises providers and backend, once per object, or again with `force`, such as after a new synthesis. */
  async init(force = false): Promise<void> {
    if (this.initialised && !force) return;
    await this.terraform('init', '-input=false', '-no-color');
    this.initialised = true;
  }

  /** Plans, saves the plan and returns its summary. */
  async plan(options: PlanOptions = {}): Promise<PlanSummary> {
    return summarise(await this.planJson(options));
  }

  /** Plans, saves the plan and returns all of it. It holds secret values, which go into no log. */
  async planJson(options: PlanOptions = {}): Promise<PlanJson> {
    await this.init();
    const args = [
      '-input=false',
      '-no-color',
      `-out=${PLAN_FILE}`,
      ...(options.destroy ? ['-destroy'] : []),
      ...(options.refresh === false ? ['-refresh=false'] : []),
      ...(options.targets ?? []).map((address) => `-target=${address}`),
    ];
    if (options.lock === false) await this.terraform('plan', '-lock=false', ...args);
    else await this.locked('plan', ...args);
    return this.showPlan();
  }

  /** The plan in `planFile`. It holds secret values, which go into no log. */
  async showPlan(): Promise<PlanJson> {
    await this.init();
    const shown = await this.command({ ...this.options, onOutput: undefined }, 'show', '-json', PLAN_FILE);
    return JSON.parse(shown.stdout) as PlanJson;
  }

  /** The file of the plan that was saved last. */
  get planFile(): string {
    return join(this.directory, PLAN_FILE);
  }

  /** Applies the plan that `plan` saved last, or that is in `planFile`. Terraform refuses it when the state has changed since. */
  async apply(): Promise<void> {
    await this.locked('apply', '-input=false', '-no-color', PLAN_FILE);
  }

  /** Writes a state that terraform could not write to its backend. @param file - in the working folder: `errored.tfstate` */
  async pushState(file: string): Promise<void> {
    await this.init();
    await this.locked('state', 'push', file);
  }

  /** The lock of its state; undefined for a state that is not in a bucket, which terraform locks itself. */
  get lock(): StateLock | undefined {
    const state = gcsBackendOf(readFileSync(join(this.directory, 'cdk.tf.json'), 'utf8'));
    return state && new StateLock(this.id, state, this.options.env);
  }

  /** Addresses of all managed resources in the state. */
  async resources(): Promise<string[]> {
    await this.init();
    const listed = await this.terraform('state', 'list');
    return listed.stdout.split('\n').filter((address) => address && !/^data\.|\.data\./.test(address));
  }

  /** All managed resources in the state with their values, which are never logged. */
  async state(): Promise<StateResource[]> {
    await this.init();
    const shown = await this.command({ ...this.options, onOutput: undefined }, 'show', '-json');
    const { values } = JSON.parse(shown.stdout) as { values?: { root_module?: StateModule } };
    return values?.root_module ? managed(values.root_module) : [];
  }

  /** Serial number of the state, 0 if there is none. Its values are never logged. */
  async serial(): Promise<number> {
    await this.init();
    const pulled = await this.command({ ...this.options, onOutput: undefined }, 'state', 'pull');
    return pulled.stdout.trim() ? (JSON.parse(pulled.stdout) as { serial: number }).serial : 0;
  }

  /** All outputs, by name. */
  async outputs(): Promise<Record<string, unknown>> {
    await this.init();
    const shown = await this.terraform('output', '-json');
    const outputs = JSON.parse(shown.stdout) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  private terraform(command: string, ...args: string[]): Promise<Finished> {
    return this.command(this.options, command, ...args);
  }

  /** Runs a command that changes the state, under its lock. */
  private async locked(command: string, ...args: string[]): Promise<Finished> {
    const { lock } = this;
    if (!lock) return this.terraform(command, ...args);
    const { signal, onOutput } = this.options;
    const held = await lock.take({
      operation: `terraform ${command}`,
      onWait: ({ who, since }) =>
        onOutput?.(`waiting for the state lock of ${this.id}, held by ${who} since ${since}\n`),
      signal,
    });
    const env = { ...(this.options.env ?? process.env), [RUN_VARIABLE]: held.id };
    const [first = '', ...rest] = args;
    // Options follow the words of a subcommand: terraform state push -lock=false FILE.
    const ordered = command === 'state' ? [first, '-lock=false', ...rest] : ['-lock=false', ...args];
    try {
      const finished = await this.command({ ...this.options, env }, command, ...ordered);
      await held.release();
      return finished;
    } catch (error) {
      const reason = command === 'plan' ? undefined : this.unsaved(error);
      await (reason ? held.interrupted(reason) : held.release());
      throw error;
    }
  }

  /** Why the state may lack operations that a failed command has done. */
  private unsaved(error: unknown): string | undefined {
    if (error instanceof TerraformError && error.signal) return `its terraform was ended by ${error.signal}`;
    return existsSync(join(this.directory, ERRORED_STATE)) ? 'it could not write the state' : undefined;
  }

  private async command(options: CommandOptions, command: string, ...args: string[]): Promise<Finished> {
    const finished = await run('terraform', [command, ...args], { ...options, cwd: this.directory });
    const { code, stdout, stderr, signal } = finished;
    if (code !== 0) throw new TerraformError(this.id, command, stdout + stderr, signal);
    return finished;
  }
}

function managed({ resources = [], child_modules = [] }: StateModule): StateResource[] {
  return [...resources.filter(({ mode }) => mode === 'managed'), ...child_modules.flatMap(managed)];
}

/** The first error box of terraform's output, without its frame. */
function firstError(log: string): string {
  const start = log.indexOf('Error:');
  if (start < 0) return log.trim().split('\n').slice(-5).join('\n');
  const lines = log.slice(start).split('\n');
  const end = lines.findIndex((line) => line.startsWith('╵'));
  return lines
    .slice(0, end < 0 ? 12 : end)
    .map((line) => line.replace(/^│ ?/, ''))
    .join('\n')
    .trim();
}
