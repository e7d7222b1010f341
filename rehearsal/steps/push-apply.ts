import { join } from 'node:path';
import type { Clock } from '../../clients/clock';
import { run } from '../../clients/process';
import { applyManifests, buildManifests, type Manifests } from '../../delivery/push-apply/apply';
import { FailedError, RefusedError } from '../../errors';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { settingName } from '../../platforms/schema/github-settings';
import { applicationSecrets } from '../../platforms/schema/secrets';
import type { Ground, Rehearsal, Step } from '../rehearsal';
import { assertMarker, FIRST_MARKER } from './assertions';
import { rehearsedValue } from './bring-up';

/** An object of the cluster, as far as a rehearsal reads it. */
interface LiveObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly spec?: {
    readonly persistentVolumeReclaimPolicy?: string;
    readonly claimRef?: { readonly namespace: string };
  };
}

/** Kinds whose pods `kubectl rollout status` waits for. */
const ROLLOUTS = ['StatefulSet', 'Deployment'];

/**
 * The life of an environment that has no layers: CI applies an overlay, with passwords in place of their placeholders, on every
 * push. Pods and workloads are lost and come back with their data; at the end the claims are lost too.
 *
 * It builds and applies by the code of `npm run ship`.
 */
export function pushApply(platform: Platform, env: string): Step[] {
  const { path } = repositoryOf(platform, env);
  const names = applicationSecrets(platform, environmentOf(platform, env)).map(settingName);
  const values = Object.fromEntries(names.map((name) => [name, rehearsedValue(name)]));
  let folder = '';
  let manifests: Manifests = { overlay: '' };
  const apply = async ({ kubectl, ground }: Rehearsal) => {
    await applyManifests(manifests, { kubectl, clock: clockOf(ground) });
    await ground.settled();
  };
  return [
    step('check the branch out and build it', async (r) => {
      folder = await checkOut(r);
      manifests = await buildManifests(folder, path, values);
    }),
    step('placeholders in place of passwords are refused', async () => {
      const built = await buildManifests(folder, path, {}).catch((error: unknown) => error);
      if (built instanceof RefusedError) return;
      throw built instanceof Error ? built : new Error(`${path} would be applied with the passwords of its templates`);
    }),
    {
      name: 'apply the owners of CRDs, then the overlay',
      run: async (r) => {
        r.mark('apply');
        await apply(r);
        return { added: (await live(r, manifests)).length };
      },
    },
    step('rolled out, every pod ready (simulated)', async (r) => {
      await ready(r, manifests);
      r.report.pushApply = { readySeconds: r.since('apply'), data: '' };
    }),
    step('write a data marker', async ({ ground, namespace }) => ground.writeMarker(namespace, FIRST_MARKER)),
    step('apply again: nothing changes', async (r) => {
      const before = await live(r, manifests);
      await apply(r);
      const changed = (await live(r, manifests)).filter(
        ({ metadata }, index) => metadata.resourceVersion !== before[index]?.metadata.resourceVersion,
      );
      if (changed.length > 0) throw new Error(`a second apply changed ${changed.map(nameOf).join(', ')}`);
    }),
    step('delete every pod: they come back, data kept', async (r) => {
      const before = (await ready(r, manifests)).map(({ uid }) => uid);
      await remove(r, 'pods', '--all');
      const stayed = (await ready(r, manifests)).filter(({ uid }) => before.includes(uid));
      if (stayed.length > 0) throw new Error(`deleted, and still there: ${stayed.map(({ name }) => name).join(', ')}`);
      await assertMarker(r, 'the deletion of every pod');
    }),
    step('delete the workloads and apply again: data kept', async (r) => {
      // What an operator creates for a custom resource is deleted with it, claims too: CI does not rehearse that.
      await remove(r, ...namesOf(await live(r, manifests), ROLLOUTS));
      await apply(r);
      await ready(r, manifests);
      await assertMarker(r, 'the deletion of the workloads');
    }),
    step('delete workloads and claims: volumes go or stay by class', async (r) => {
      const retained = (await ownVolumes(r)).filter(({ spec }) => spec?.persistentVolumeReclaimPolicy === 'Retain');
      const kept = retained.map(nameOf);
      await remove(r, ...namesOf(await live(r, manifests), [...ROLLOUTS, 'Cluster']));
      await remove(r, 'persistentvolumeclaims', '--all');
      const left = (await ownVolumes(r)).map(nameOf);
      if (left.join() !== kept.join())
        throw new Error(`volumes left: ${left.join(', ') || 'none'}; their classes say ${kept.join(', ') || 'none'}`);
      const fate = kept.length === 0 ? 'a lost claim takes its volume along' : 'volumes outlive their claims';
      r.report.pushApply = { readySeconds: 0, ...r.report.pushApply, data: `kept; ${fate}` };
    }),
  ];
}

/** A step that changes no resources of a layer. */
function step(name: string, work: (rehearsal: Rehearsal) => Promise<unknown>): Step {
  return {
    name,
    run: async (rehearsal) => {
      await work(rehearsal);
      return undefined;
    },
  };
}

async function checkOut({ platform, env, ground }: Rehearsal): Promise<string> {
  const { url, branch } = repositoryOf(platform, env);
  const folder = join(ground.directory, 'checkout');
  const args = ['clone', '--quiet', '--depth=1', `--branch=${branch}`, url, folder];
  const { code, stderr } = await run('git', args, { env: ground.env });
  if (code !== 0) throw new FailedError(`git ${args.join(' ')}: ${stderr.trim()}`);
  return folder;
}

/** The simulated clock: a wait lets everything that was started come to its end. */
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

/** The objects of the overlay as they are in the cluster, in the same order. */
async function live({ kubectl }: Rehearsal, { overlay }: Manifests): Promise<readonly LiveObject[]> {
  const found = await kubectl.json<LiveObject | { readonly items: readonly LiveObject[] }>(
    ['get', '--filename=-'],
    overlay,
  );
  return 'items' in found ? found.items : [found];
}

/** Succeeds when all workloads are rolled out and all pods are ready. */
async function ready(r: Rehearsal, manifests: Manifests) {
  for (const workload of namesOf(await live(r, manifests), ROLLOUTS))
    await r.kubectl.run(['rollout', 'status', workload, `--namespace=${r.namespace}`, '--timeout=60s']);
  return r.application().assertServing();
}

/** Deletes objects of the application's namespace, and waits until everything has settled. */
async function remove({ kubectl, namespace, ground }: Rehearsal, ...what: readonly string[]): Promise<void> {
  await kubectl.run(['delete', ...what, `--namespace=${namespace}`, '--wait=false']);
  await ground.settled();
}

async function ownVolumes({ kubectl, namespace }: Rehearsal): Promise<readonly LiveObject[]> {
  const { items } = await kubectl.json<{ items: readonly LiveObject[] }>(['get', 'persistentvolumes']);
  return items.filter(({ spec }) => spec?.claimRef?.namespace === namespace);
}

function namesOf(objects: readonly LiveObject[], kinds: readonly string[]): string[] {
  return objects.filter(({ kind }) => kinds.includes(kind)).map(nameOf);
}

function nameOf({ kind, metadata }: LiveObject): string {
  return `${kind}/${metadata.name}`;
}
