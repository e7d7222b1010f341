import { join } from 'node:path';
import type { Application } from '../clients/application';
import { type GoogleClients, googleClients } from '../clients/google';
import { clusterPlaceOf, Kubectl } from '../clients/kubectl';
import { runningApplication } from '../clients/running-application';
import type { LayerId } from '../contracts/layers';
import type { LoadedPlatform } from '../platforms/load';
import { layersOf, namespaceOf, stackOf } from '../platforms/schema/environment';
import { readRestores } from '../platforms/schema/restore';
import { type Snapshots, snapshotsOf } from '../recovery/snapshots';
import { synthesise } from '../stacks/app';
import type { PlanSummary } from '../terraform/plan';
import { Stack } from '../terraform/stack';
import type { Memory } from './memory';
import type { RehearsalReport, StepReport } from './report';

/** What a rehearsal runs on: the simulated clouds, and what only they can do. */
export interface Ground {
  /** Folder for files of the rehearsal: the synthesised platform, the choice of a restore, a checkout. */
  readonly directory: string;
  /** Environment variables of every command. */
  readonly env: NodeJS.ProcessEnv;
  /** Simulated time, in milliseconds since the epoch. */
  now(): number;
  /** Waits until everything has settled: boots, syncs, rollouts. */
  settled(): Promise<void>;
  /** Lets simulated seconds pass, with all schedules that fall due. */
  pass(seconds: number): Promise<void>;
  /** Deletes the VM outside of terraform, in the sandbox with its boot disk. */
  loseMachine(): void | Promise<void>;
  /** Writes a text that a recovery has to bring back: in the sandbox into the application's first persistent volume. */
  writeMarker(namespace: string, text: string): void | Promise<void>;
  readMarker(namespace: string): string | undefined | Promise<string | undefined>;
  /** Measures for how long the workloads of a namespace do not serve, until the returned function is called. */
  watchServing(namespace: string): () => { readonly downSeconds: number };
  /** Puts the files of a folder on the branch that Argo CD follows, as a merge would. */
  merge(folder: string): Promise<void>;
  /** Pushes an image for the nodes' architecture, as a build would. */
  pushImage(reference: string): void;
  /** Changes a file on the branch that Argo CD follows. */
  commit(path: string, edit: (text: string) => string): Promise<void>;
  /** Counts of configured arguments: checked by a rule, or accepted unread. */
  coverage(): { checked: number; accepted: number };
}

/** Synthesises a platform into a folder, and returns the folder of its stacks. */
export type Synthesise = (platform: LoadedPlatform, root: string) => string;

/** What a step changed. */
type StepResult = Partial<Pick<PlanSummary, 'added' | 'changed' | 'destroyed'>> | undefined;

/** One step of the life of a platform. */
export interface Step {
  readonly name: string;
  /** Layer id, when the step concerns one. */
  readonly layer?: LayerId;
  run(rehearsal: Rehearsal): Promise<StepResult>;
}

/** A rehearsal of one environment under way: runs steps one after another and keeps the record. */
export class Rehearsal {
  readonly report: RehearsalReport;
  /** Simulated times that later steps measure from. */
  readonly moments = new Map<string, number>();
  /** Values that steps have recorded for later ones. */
  readonly memory: Memory = {};
  /** The output of all commands. */
  log = '';
  /** Called with each line of a command's output. */
  onLine: (line: string) => void = () => {};
  private stacks = new Map<string, Stack>();

  constructor(
    readonly platform: LoadedPlatform,
    readonly env: string,
    readonly ground: Ground,
    /** Ends the run between two steps, and terraform within one. */
    readonly signal?: AbortSignal,
    /** Synthesises the platform into a folder, and returns the folder of its stacks. */
    private readonly synthesiseInto: Synthesise = synthesise,
    simulated = true,
  ) {
    this.report = {
      ok: false,
      platform: platform.name,
      env,
      simulated,
      steps: [],
      resources: {},
      arguments: { checked: 0, accepted: 0 },
      recovery: {},
    };
  }

  /** Runs one step and records it. @throws the step's error, after recording the failure. */
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

  /** Restore file of this rehearsal; the checkout's is neither read nor written. */
  get restoreFile(): string {
    return join(this.ground.directory, 'restores', this.platform.name, 'restore.json');
  }

  /** Layers of the environment, in apply order. */
  get layers(): readonly LayerId[] {
    return layersOf(this.platform, this.env);
  }

  /** Namespace of the application. */
  get namespace(): string {
    return namespaceOf(this.platform, this.env);
  }

  /** Google clients on the simulated clouds. */
  get clients(): GoogleClients {
    return googleClients(this.ground.env);
  }

  /** Snapshots of the VM. */
  get snapshots(): Snapshots {
    return snapshotsOf(this.clients, this.platform, this.env);
  }

  /** kubectl on the environment's cluster. */
  get kubectl(): Kubectl {
    return new Kubectl(clusterPlaceOf(this.platform, this.env, this.ground.env));
  }

  /** Synthesises anew, with what the restore file says; every stack is read from there from now on. */
  synthesise(): void {
    const restores = readRestores(this.restoreFile, this.platform);
    const outdir = this.synthesiseInto({ ...this.platform, restores }, join(this.ground.directory, 'cdktf.out'));
    const options = { env: this.ground.env, onOutput: (text: string) => this.print(text), signal: this.signal };
    const stacks = this.layers.map((id): [LayerId, Stack] => {
      const stack = stackOf(this.platform, this.env, id);
      return [id, new Stack(stack, join(outdir, 'stacks', stack), options)];
    });
    this.stacks = new Map(stacks);
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

  /** The application in Argo CD and the cluster. */
  application(): Application {
    return runningApplication(this.platform, this.env, this.ground.env);
  }

  /** Plans and applies a layer, then waits until everything has settled. */
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

  /** Succeeds if the plan of a layer is empty. */
  async assertUnchanged(layer: string): Promise<void> {
    const plan = await this.stack(layer).plan();
    if (plan.empty) return;
    const changes = plan.changes.map(({ address, change }) => `${change.actions.join('+')} ${address}`);
    throw new Error(`the plan of ${layer} is not empty: ${changes.join(', ') || 'its outputs change'}`);
  }

  /** Records the simulated time under a name. */
  mark(moment: string): void {
    this.moments.set(moment, this.ground.now());
  }

  /** Simulated seconds since a recorded time. */
  since(moment: string): number {
    return round((this.ground.now() - (this.moments.get(moment) ?? Number.NaN)) / 1000);
  }

  private print(text: string): void {
    this.log += text;
    for (const line of text.split('\n')) if (line.trim()) this.onLine(line.trim());
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
