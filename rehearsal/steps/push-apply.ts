import { join } from 'node:path';
import { Kubectl } from '../../clients/kubectl';
import { run } from '../../clients/process';
import type { Clock } from '../../delivery/clock';
import { applyManifests, buildManifests, type Manifests } from '../../delivery/push-apply/apply';
import { FailedError, RefusedError } from '../../errors';
import type { Ground, Rehearsal, Step } from '../rehearsal';
import type { Pushed } from '../subject';
import { assertMarker, FIRST_MARKER } from './assertions';

/** An object of the cluster, as far as this looks at it. */
interface Live {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly spec?: {
    readonly persistentVolumeReclaimPolicy?: string;
    readonly claimRef?: { readonly namespace: string };
  };
}

/** Kinds whose pods `kubectl rollout status` waits for. */
const ROLLOUTS = ['StatefulSet', 'Deployment'];

/**
 * The life of an environment that has no layers: CI applies an overlay, with the passwords put in on the way, as often as
 * somebody pushes. Pods and workloads are lost and come back with their data; at the end the claims are lost too.
 *
 * It builds and applies by the code of `npm run ship`.
 */
export function pushApply(pushed: Pushed): Step[] {
  const values = Object.fromEntries(pushed.values.map((name) => [name, `rehearsed-value-of-${name}`]));
  let folder = '';
  let manifests: Manifests = { overlay: '' };
  let applied: readonly Live[] = [];
  const apply = async (rehearsal: Rehearsal) => {
    await applyManifests(manifests, { kubectl: kubectlOf(rehearsal), clock: clockOf(rehearsal.ground) });
    await rehearsal.ground.settled();
    applied = await live(rehearsal, manifests);
  };
  const ready = async (rehearsal: Rehearsal) => {
    for (const { kind, metadata } of applied.filter((object) => ROLLOUTS.includes(object.kind)))
      await kubectl(rehearsal, ['rollout', 'status', `${kind}/${metadata.name}`, '--timeout=60s']);
    return rehearsal.application().assertServing();
  };
  const step = (name: string, work: (rehearsal: Rehearsal) => Promise<unknown>): Step => ({
    name,
    run: async (rehearsal) => {
      await work(rehearsal);
      return undefined;
    },
  });
  return [
    step('check the branch out and build it', async (rehearsal) => {
      folder = await checkOut(rehearsal, pushed);
      manifests = await buildManifests(folder, pushed.path, values);
    }),
    step('placeholders in place of passwords are refused', async () => {
      const built = await buildManifests(folder, pushed.path, {}).catch((error: unknown) => error);
      if (built instanceof RefusedError) return;
      throw built instanceof Error
        ? built
        : new Error(`${pushed.path} would be applied with the passwords of its templates`);
    }),
    {
      name: 'apply the owners of CRDs, then the overlay',
      run: async (rehearsal) => {
        rehearsal.mark('apply');
        await apply(rehearsal);
        return { added: applied.length };
      },
    },
    step('rolled out, every pod ready (simulated)', async (rehearsal) => {
      await ready(rehearsal);
      rehearsal.report.pushApply = { readySeconds: rehearsal.since('apply'), data: '' };
    }),
    step('write a data marker', async ({ ground, subject }) => {
      ground.writeMarker(subject.application.namespace, FIRST_MARKER);
    }),
    step('apply again: nothing changes', async (rehearsal) => {
      const before = await live(rehearsal, manifests);
      await apply(rehearsal);
      const changed = applied.filter(
        ({ metadata }, index) => metadata.resourceVersion !== before[index]?.metadata.resourceVersion,
      );
      if (changed.length > 0) throw new Error(`a second apply changed ${changed.map(nameOf).join(', ')}`);
    }),
    step('delete every pod: they come back, data kept', async (rehearsal) => {
      const before = (await ready(rehearsal)).map(({ uid }) => uid);
      await kubectl(rehearsal, ['delete', 'pods', '--all', '--wait=false']);
      await rehearsal.ground.settled();
      const stayed = (await ready(rehearsal)).filter(({ uid }) => before.includes(uid));
      if (stayed.length > 0) throw new Error(`deleted, and still there: ${stayed.map(({ name }) => name).join(', ')}`);
      assertMarker(rehearsal, 'every pod was deleted');
    }),
    step('delete the workloads and apply again: data kept', async (rehearsal) => {
      // What an operator makes of a custom resource goes with it, claims too: that is not for a rehearsal of CI.
      const workloads = applied.filter(({ kind }) => ROLLOUTS.includes(kind)).map(nameOf);
      await kubectl(rehearsal, ['delete', ...workloads, '--wait=false']);
      await rehearsal.ground.settled();
      await apply(rehearsal);
      await ready(rehearsal);
      assertMarker(rehearsal, 'the workloads were deleted');
    }),
    step('delete workloads and claims: volumes go or stay by class', async (rehearsal) => {
      const volumes = await ownVolumes(rehearsal);
      const kept = volumes.filter(({ spec }) => spec?.persistentVolumeReclaimPolicy === 'Retain').map(nameOf);
      const doomed = applied.filter(({ kind }) => ROLLOUTS.includes(kind) || kind === 'Cluster').map(nameOf);
      await kubectl(rehearsal, ['delete', ...doomed, '--wait=false']);
      await kubectl(rehearsal, ['delete', 'persistentvolumeclaims', '--all', '--wait=false']);
      await rehearsal.ground.settled();
      const left = (await ownVolumes(rehearsal)).map(nameOf);
      if (left.join() !== kept.join())
        throw new Error(`volumes left: ${left.join(', ') || 'none'}; their classes say ${kept.join(', ') || 'none'}`);
      const fate = kept.length === 0 ? 'a lost claim takes its volume along' : 'volumes outlive their claims';
      rehearsal.report.pushApply = { readySeconds: 0, ...rehearsal.report.pushApply, data: `kept; ${fate}` };
    }),
  ];
}

async function checkOut({ tools, ground }: Rehearsal, { url, branch }: Pushed): Promise<string> {
  const folder = join(tools.workFolder, 'checkout');
  const args = ['clone', '--quiet', '--depth=1', `--branch=${branch}`, url, folder];
  const { code, stderr } = await run('git', args, { env: ground.env });
  if (code !== 0) throw new FailedError(`git ${args.join(' ')}: ${stderr.trim()}`);
  return folder;
}

/** What is there now of the overlay, in its order. */
async function live(rehearsal: Rehearsal, { overlay }: Manifests): Promise<readonly Live[]> {
  return listed(await kubectlOf(rehearsal).run(['get', '--filename=-', '--output=json'], overlay));
}

async function ownVolumes(rehearsal: Rehearsal): Promise<readonly Live[]> {
  const volumes = listed(await kubectl(rehearsal, ['get', 'persistentvolumes', '--output=json']));
  return volumes.filter(({ spec }) => spec?.claimRef?.namespace === rehearsal.subject.application.namespace);
}

function listed(json: string): readonly Live[] {
  const found = JSON.parse(json) as Live | { readonly items: readonly Live[] };
  return 'items' in found ? found.items : [found];
}

function nameOf({ kind, metadata }: Live): string {
  return `${kind}/${metadata.name}`;
}

/** kubectl for the environment's cluster. */
function kubectlOf(rehearsal: Rehearsal): Kubectl {
  const { ground, subject } = rehearsal;
  const { context } = subject.kubeconfig;
  return new Kubectl({ kubeconfig: rehearsal.kubeconfig(), ...(context && { context }), env: ground.env });
}

/** Runs kubectl in the application's namespace. */
function kubectl(rehearsal: Rehearsal, args: readonly string[]): Promise<string> {
  return kubectlOf(rehearsal).run([...args, `--namespace=${rehearsal.subject.application.namespace}`]);
}

/** The simulated clock: a wait lets everything that was set off come to its end. */
function clockOf(ground: Ground): Clock {
  let waited = 0;
  return {
    now: () => ground.now() + waited,
    date: () => new Date(ground.now()),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waited += ms;
      await ground.settled();
    },
  };
}
