import { join } from 'node:path';
import { Application } from '../clients/application';
import { inHome } from '../clients/kubeconfig';
import type { LayerId } from '../contracts/layers';
import type { IdentityRecord } from '../recovery/identity-record';
import type { Snapshots } from '../recovery/snapshots';
import type { PlanSummary } from '../terraform/plan';
import { Stack } from '../terraform/stack';
import type { Memory } from './memory';
import type { RehearsalReport, StepReport } from './report';
import type { Subject } from './subject';

/** What a rehearsal stands on: the simulated clouds, and what only they can do. */
export interface Ground {
  /** Environment of every command. */
  readonly env: NodeJS.ProcessEnv;
  /** Simulated time, in milliseconds since the epoch. */
  now(): number;
  /** Lets everything that was set off come to its end: boots, syncs, rollouts. */
  settled(): Promise<void>;
  /** The VM and its boot disk are lost, behind terraform's back. */
  loseMachine(): void;
  /** Writes a file into the application's first persistent volume. */
  writeMarker(namespace: string, text: string): void;
  readMarker(namespace: string): string | undefined;
  /** A build pushes an image for the nodes' architecture. */
  pushImage(reference: string): void;
  /** Somebody changes a file on the branch that Argo CD follows. */
  commit(path: string, edit: (text: string) => string): Promise<void>;
  /** Arguments configured so far, by whether a rule has looked at them. */
  coverage(): { checked: number; accepted: number };
}

/** What a rehearsal calls and does not own. */
export interface Tools {
  /** Synthesises the platform and returns its output folder. */
  synthesise(): Promise<string>;
  setSecret(name: string, value: string): Promise<void>;
  fetchKubeconfig(): Promise<string>;
  /** Chooses a snapshot for the VM that had this disk and records the choice where the next synthesis reads it. */
  chooseRestore(diskId: string, serials: IdentityRecord['serials']): Promise<{ name: string; createdAt: Date }>;
  readonly snapshots: Snapshots;
  /** A folder for the rehearsal's own files. */
  readonly workFolder: string;
}

/** What a step found out about resources. */
type StepResult = Partial<Pick<PlanSummary, 'added' | 'changed' | 'destroyed'>> | undefined;

/** One step of the life of a platform. */
export interface Step {
  readonly name: string;
  /** Layer id, when the step concerns one. */
  readonly layer?: LayerId;
  run(rehearsal: Rehearsal): Promise<StepResult>;
}

/** A rehearsal under way: runs steps one after another and keeps the record. */
export class Rehearsal {
  readonly report: RehearsalReport;
  /** Simulated moments that later steps measure from. */
  readonly moments = new Map<string, number>();
  /** What steps have found out, for later ones to compare with. */
  readonly memory: Memory = {};
  /** Everything that the commands have printed. */
  log = '';
  /** Called with every line that a command prints. */
  onLine: (line: string) => void = () => {};
  private stacks = new Map<string, Stack>();

  constructor(
    readonly subject: Subject,
    readonly ground: Ground,
    readonly tools: Tools,
    private readonly signal?: AbortSignal,
  ) {
    this.report = {
      ok: false,
      platform: subject.platform,
      env: subject.env,
      simulated: true,
      steps: [],
      resources: {},
      arguments: { checked: 0, accepted: 0 },
      recovery: {},
    };
  }

  /** Runs one step and records it. @throws what the step throws, after recording the failure. */
  async run(step: Step): Promise<StepReport> {
    this.signal?.throwIfAborted();
    this.print(`\n== ${step.name}${step.layer ? ` (${step.layer})` : ''}\n`);
    const wall = performance.now();
    const simulated = this.ground.now();
    let result: StepResult;
    let failure: unknown;
    try {
      result = await step.run(this);
    } catch (error) {
      failure = error;
    }
    const record: StepReport = {
      name: step.name,
      layer: step.layer ?? '',
      ok: failure === undefined,
      wallSeconds: round((performance.now() - wall) / 1000),
      simulatedSeconds: round((this.ground.now() - simulated) / 1000),
      added: result?.added ?? 0,
      changed: result?.changed ?? 0,
      destroyed: result?.destroyed ?? 0,
    };
    this.report.steps.push(record);
    this.report.arguments = this.ground.coverage();
    if (failure !== undefined) {
      const message = failure instanceof Error ? failure.message : String(failure);
      this.report.failure = { step: step.name, message };
      this.print(`${message}\n`);
      throw failure;
    }
    return record;
  }

  /** Synthesises anew; every stack is read from there from now on. */
  async synthesise(): Promise<void> {
    const outdir = await this.tools.synthesise();
    const options = { env: this.ground.env, onOutput: (text: string) => this.print(text), signal: this.signal };
    this.stacks = new Map(
      this.subject.layers.map(({ id, stack }) => [id, new Stack(stack, join(outdir, 'stacks', stack), options)]),
    );
  }

  /** The synthesised stack of a layer. */
  stack(layer: string): Stack {
    const stack = this.stacks.get(layer);
    if (!stack)
      throw new Error(`layer ${layer} is not synthesised; this platform has ${[...this.stacks.keys()].join(', ')}`);
    return stack;
  }

  /** All synthesised stacks, in apply order. */
  allStacks(): Stack[] {
    return [...this.stacks.values()];
  }

  /** The application as Argo CD and the cluster show it. */
  application(): Application {
    return new Application({
      ...this.subject.application,
      kubeconfig: this.kubeconfig(),
      context: this.subject.kubeconfig.context,
      env: this.ground.env,
    });
  }

  /** Plans and applies a layer, then lets what it set off come to its end. */
  async deploy(layer: string): Promise<PlanSummary> {
    const plan = await this.stack(layer).plan();
    if (!plan.empty) await this.stack(layer).apply();
    await this.ground.settled();
    return plan;
  }

  /** Destroys a layer. */
  async destroy(layer: string): Promise<PlanSummary> {
    const plan = await this.stack(layer).plan({ destroy: true });
    await this.stack(layer).apply();
    await this.ground.settled();
    return plan;
  }

  /** Succeeds when a plan of the layer finds nothing to do. */
  async assertUnchanged(layer: string): Promise<void> {
    const plan = await this.stack(layer).plan();
    if (plan.empty) return;
    const changes = plan.changes.map(({ address, change }) => `${change.actions.join('+')} ${address}`);
    throw new Error(`the plan of ${layer} is not empty: ${changes.join(', ') || 'its outputs change'}`);
  }

  /** Remembers the simulated moment under a name. */
  mark(moment: string): void {
    this.moments.set(moment, this.ground.now());
  }

  /** Simulated seconds since a marked moment. */
  since(moment: string): number {
    return round((this.ground.now() - (this.moments.get(moment) ?? Number.NaN)) / 1000);
  }

  /** The kubeconfig of the environment's cluster. */
  kubeconfig(): string {
    return inHome(this.subject.kubeconfig.path, this.ground.env);
  }

  private print(text: string): void {
    this.log += text;
    for (const line of text.split('\n')) if (line.trim()) this.onLine(line.trim());
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
