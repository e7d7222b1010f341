import { type Reading, reading } from '../clients/reading';
import { ARGOCD_NAMESPACE } from '../contracts/k8s';
import { deliverables } from '../delivery/gate/control-rules';
import { Gate } from '../delivery/gate/gate';
import { DeploymentLock } from '../delivery/lock/deployment-lock';
import { heldBy } from '../delivery/lock/words';
import { type DeliveryTools, withTools } from '../delivery/ship/tools';
import { verify } from '../delivery/ship/verify';
import type { LoadedPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import type { DeliveryStatus } from './delivery-status';

interface Listed {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly health?: { readonly status?: string };
    readonly currentRunners?: number;
    readonly runningEphemeralRunners?: number;
  };
}

/** Reads what is about to happen to an environment, and how far what is wanted runs. Each part that fails says why. */
export async function readDelivery(platform: LoadedPlatform, env: string, isAwake: boolean): Promise<DeliveryStatus> {
  const options = { report: () => undefined, signal: new AbortController().signal };
  const opened = await reading(() =>
    withTools(platform, env, options, async (tools) => {
      const cluster = <T>(read: () => Promise<T>): Promise<Reading<T>> | undefined =>
        isAwake ? reading(read) : undefined;
      const [wanted, applications, runners, lock, gate] = await Promise.all([
        cluster(() => verify(tools)),
        cluster(() => applicationsOf(tools)),
        cluster(() => runnersOf(tools)),
        environmentOf(platform, env).delivery.lock ? reading(() => lockOf(tools)) : undefined,
        reading(() => gateOf(tools)),
      ]);
      return {
        gate,
        ...(wanted && { wanted }),
        ...(lock && { lock }),
        ...(applications && hasSome(applications) && { applications }),
        ...(runners && hasSome(runners) && { runners }),
      };
    }),
  );
  return 'value' in opened ? opened.value : { gate: opened };
}

/** What is there, or why that is not known: an environment without any has no such part. */
function hasSome<T>(read: Reading<readonly T[]>): boolean {
  return !('value' in read) || read.value.length > 0;
}

async function applicationsOf(tools: DeliveryTools) {
  const found = await listed(tools, 'applications.argoproj.io', `--namespace=${ARGOCD_NAMESPACE}`);
  return found.map(({ metadata, status }) => ({
    name: metadata.name,
    sync: status?.sync?.status ?? 'Unknown',
    health: status?.health?.status ?? 'Unknown',
  }));
}

async function runnersOf(tools: DeliveryTools) {
  const found = await listed(tools, 'autoscalingrunnersets.actions.github.com', '--all-namespaces');
  return found.map(({ metadata, status }) => ({
    name: metadata.name,
    current: status?.currentRunners ?? 0,
    running: status?.runningEphemeralRunners ?? 0,
  }));
}

/** All objects of a kind; none where the cluster does not know it. */
async function listed(tools: DeliveryTools, kind: string, where: string): Promise<readonly Listed[]> {
  return tools
    .kubectl()
    .json<{ readonly items: readonly Listed[] }>(['get', kind, where])
    .then(
      ({ items }) => items,
      (error: Error) => {
        if (/doesn't have a resource type/.test(error.message)) return [];
        throw error;
      },
    );
}

async function lockOf({ platform, env, store, clock }: DeliveryTools): Promise<string> {
  const { record } = await new DeploymentLock({ store, clock, platform: platform.name, env }).status();
  return record?.state === 'held' ? `held by ${heldBy(record)} since ${record.since}` : 'free';
}

async function gateOf({ platform, env, store, now }: DeliveryTools) {
  const gate = await Gate.read(platform, env, store);
  const moment = await now();
  return Promise.all(
    deliverables(platform).map(async (service) => {
      const { verdict, reasons } = await gate.ask({ service, version: undefined, trigger: 'manual' }, moment);
      const against = reasons.filter(({ effect }) => effect === verdict && effect !== 'allow');
      return { service, verdict, why: against.map(({ what }) => what) };
    }),
  );
}
