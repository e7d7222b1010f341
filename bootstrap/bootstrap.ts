import type { CloudProject } from '../clients/cloud-project';
import { type LayerId, stackId } from '../contracts/layers';
import { FailedError, messageOf, RefusedError, UsageError } from '../errors';
import type { Platform } from '../platforms/schema/define-platform';
import { foundationOf, foundationOwnerOf, projectOf } from '../platforms/schema/environment';
import { firstServicesOf } from '../platforms/schema/first-services';
import type { PlanSummary } from '../terraform/plan';
import type { Stack } from '../terraform/stack';

/** What `bootstrap` works with. */
export interface Foundation {
  readonly platform: Platform;
  readonly env: string;
  /** The Google project of the platform. */
  readonly cloud: Pick<CloudProject, 'disabled' | 'enable' | 'hasBucket' | 'createBucket'>;
  /** The synthesised stack of a layer of an environment. */
  stack(layer: LayerId, env: string): Pick<Stack, 'id' | 'plan' | 'apply' | 'outputs'>;
  /**
   * The number of resources of a stack that has no state yet; undefined if it has one. Terraform's gcs backend writes an empty
   * state when it plans a stack without one, which a dry run must not.
   */
  undeployed(layer: LayerId, env: string): Promise<number | undefined>;
  /** Imports what an interrupted run has created in the cloud and could not write to the state of a stack. */
  adopt(layer: LayerId, env: string): Promise<void>;
  /** Called with each finished step, one line. */
  say(line: string): void;
}

/** What became of one stack. */
interface StackResult {
  readonly stack: string;
  /** `waiting`: it cannot be planned before what comes earlier exists. */
  readonly outcome: 'unchanged' | 'applied' | 'would change' | 'waiting';
  readonly added: number;
  readonly changed: number;
}

/** What was done, or in a dry run would be done. */
export interface BootstrapResult {
  readonly dryRun: boolean;
  /** Services that were not enabled. */
  readonly services: readonly string[];
  /** Whether the state bucket did not exist. */
  readonly bucket: 'created' | 'existed' | 'would be created';
  readonly stacks: readonly StackResult[];
  /** Secrets on GitHub without a value: `repository:NAME` or `repository:environment:NAME`. Unknown until 90-github is applied. */
  readonly missingSecrets?: readonly string[];
}

/**
 * Prepares a Google project and the GitHub repositories of a platform for an environment: services, state bucket, identities and
 * settings. Every step checks what exists, so it can be run again after any failure; a second run changes nothing.
 *
 * @throws {UsageError} for an environment that needs none of it. {RefusedError} if a plan would destroy something.
 */
export async function bootstrap(foundation: Foundation, dryRun: boolean): Promise<BootstrapResult> {
  const { platform, env, cloud, say } = foundation;
  const layers = foundationOf(platform, env);
  if (layers.length === 0) throw new UsageError(withoutFoundation(platform, env));
  const project = projectOf(platform);
  const { bucket } = platform.state;

  const services = await cloud.disabled(firstServicesOf(platform));
  if (!dryRun) await cloud.enable(services);
  say(
    services.length === 0
      ? `services: enabled already in ${project}`
      : `services: ${dryRun ? 'would enable' : 'enabled'} ${services.join(', ')} in ${project}`,
  );

  const existed = await cloud.hasBucket(bucket);
  const created = !existed && !dryRun && (await cloud.createBucket({ name: bucket, location: platform.google.region }));
  const state = existed ? 'existed' : dryRun ? 'would be created' : created ? 'created' : 'existed';
  say(`state bucket ${bucket}: ${state === 'existed' ? 'exists already' : state}`);

  await assertOwnerFirst(foundation, existed || !dryRun);
  const stacks: StackResult[] = [];
  for (const layer of layers) {
    const stack = foundation.stack(layer, env);
    const isWaiting = dryRun && (!existed || stacks.some(({ outcome, added }) => outcome !== 'unchanged' && added > 0));
    const added = dryRun && !isWaiting ? await foundation.undeployed(layer, env) : undefined;
    const result = isWaiting
      ? waiting(stack.id)
      : added !== undefined
        ? ({ stack: stack.id, outcome: 'would change', added, changed: 0 } as const)
        : await settle(stack, dryRun, () => foundation.adopt(layer, env));
    stacks.push(result);
    say(`${result.stack}: ${wordsOf(result)}`);
  }
  const missing = dryRun ? undefined : (await foundation.stack('90-github', env).outputs())['missing_secrets'];
  return {
    dryRun,
    services,
    bucket: state,
    stacks,
    ...(typeof missing === 'string' && { missingSecrets: missing.split(' ').filter(Boolean) }),
  };
}

/** Plans a stack and, except in a dry run, applies the plan. @throws {RefusedError} if it destroys something */
async function settle(
  stack: Pick<Stack, 'id' | 'plan' | 'apply'>,
  dryRun: boolean,
  adopt?: () => Promise<void>,
): Promise<StackResult> {
  const plan = await stack.plan({ lock: !dryRun });
  const { added, changed, empty } = plan;
  if (empty) return { stack: stack.id, outcome: 'unchanged', added, changed };
  refuseLoss(stack.id, plan);
  if (dryRun) return { stack: stack.id, outcome: 'would change', added, changed };
  try {
    await stack.apply();
  } catch (error) {
    // The run that created it was killed before it could write the state.
    if (!adopt || !/already exists/i.test(messageOf(error))) throw error;
    await adopt();
    return settle(stack, dryRun);
  }
  return { stack: stack.id, outcome: 'applied', added, changed };
}

function refuseLoss(stack: string, { destroyed, changes }: PlanSummary): void {
  if (destroyed === 0) return;
  const lost = changes.filter(({ change }) => change.actions.includes('delete')).map(({ address }) => address);
  throw new RefusedError(
    `${stack}: the plan destroys ${lost.join(', ')}, and bootstrap only adds and updates; ` +
      `if that is wanted, deploy the stack yourself: npx cdktf deploy ${stack}`,
  );
}

/** @throws {FailedError} if this environment reads what another one creates, which does not exist yet */
async function assertOwnerFirst({ platform, env, stack }: Foundation, hasBucket: boolean): Promise<void> {
  const owner = foundationOwnerOf(platform);
  if (owner === undefined || owner === env || !foundationOf(platform, env).includes('0-bootstrap')) return;
  const outputs = hasBucket ? await stack('0-bootstrap', owner).outputs() : {};
  if (Object.keys(outputs).length > 0) return;
  throw new FailedError(
    `${stackId('0-bootstrap', env)} needs what ${stackId('0-bootstrap', owner)} creates for all environments; ` +
      `run it first: npm run bootstrap -- --platform ${platform.name} --env ${owner}`,
  );
}

function withoutFoundation(platform: Platform, env: string): string {
  const place = `environment "${env}" of platform "${platform.name}"`;
  return platform.environments[env]?.state?.kind === 'local'
    ? `${place} keeps its states on this machine, so workflows never reach it: it needs no bootstrap`
    : `${place} is delivered from ${platform.repository.url}, which is not on GitHub: create the state bucket and the ` +
        'identities of its CI yourself';
}

function waiting(stack: string): StackResult {
  return { stack, outcome: 'waiting', added: 0, changed: 0 };
}

function wordsOf({ outcome, added, changed }: StackResult): string {
  if (outcome === 'unchanged') return 'no changes';
  if (outcome === 'waiting') return 'not planned, waits for what comes before it';
  return `${outcome === 'applied' ? '' : 'would have '}${added} created, ${changed} updated`;
}
