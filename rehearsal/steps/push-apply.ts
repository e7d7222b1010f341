import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../clients/process';
import type { Rehearsal, Step } from '../rehearsal';
import type { Pushed } from '../subject';

/** An object of the cluster, as far as this looks at it. */
interface Live {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
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
 */
export function pushApply(pushed: Pushed): Step[] {
  const values = Object.fromEntries(pushed.values.map((name) => [name, `rehearsed-value-of-${name}`]));
  let folder = '';
  let manifests = '';
  let applied: readonly Live[] = [];
  const apply = async (rehearsal: Rehearsal) => {
    applied = await applyManifests(rehearsal, rehearsal.tools.fillSecrets(manifests, values));
    await rehearsal.ground.settled();
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
      manifests = await kubectl(rehearsal, ['kustomize', join(folder, pushed.path)]);
    }),
    step('placeholders in place of passwords are refused', async ({ tools }) => {
      let refusal: unknown;
      try {
        tools.fillSecrets(manifests, {});
      } catch (error) {
        refusal = error;
      }
      if (!refusal) throw new Error(`${pushed.path} would be applied with the passwords of its templates`);
    }),
    step('apply the owners of CRDs', async (rehearsal) => {
      const infrastructure = join(folder, pushed.path, 'infrastructure');
      if (!existsSync(infrastructure)) return;
      const built = await kubectl(rehearsal, ['kustomize', infrastructure]);
      await applyManifests(rehearsal, built);
      await rehearsal.ground.settled();
      assertInstalled(listed(await kubectl(rehearsal, ['get', '--filename=-', '--output=json'], built)));
    }),
    {
      name: 'apply the overlay',
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
      ground.writeMarker(subject.application.namespace, 'first marker');
    }),
    step('apply again: nothing changes', async (rehearsal) => {
      const before = listed(await kubectl(rehearsal, ['get', '--filename=-', '--output=json'], manifests));
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
      assertMarker(rehearsal);
    }),
    step('delete the workloads and apply again: data kept', async (rehearsal) => {
      // What an operator makes of a custom resource goes with it, claims too: that is not for a rehearsal of CI.
      const workloads = applied.filter(({ kind }) => ROLLOUTS.includes(kind)).map(nameOf);
      await kubectl(rehearsal, ['delete', ...workloads, '--wait=false']);
      await rehearsal.ground.settled();
      await apply(rehearsal);
      await ready(rehearsal);
      assertMarker(rehearsal);
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
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`);
  return folder;
}

/** Applies as CI does, and returns what is there now, in the order of the manifests. */
async function applyManifests(rehearsal: Rehearsal, manifests: string): Promise<readonly Live[]> {
  const args = [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--field-manager=strata',
    '--filename=-',
    '--output=json',
  ];
  return listed(await kubectl(rehearsal, args, manifests));
}

async function ownVolumes(rehearsal: Rehearsal): Promise<readonly Live[]> {
  const volumes = listed(await kubectl(rehearsal, ['get', 'persistentvolumes', '--output=json']));
  return volumes.filter(({ spec }) => spec?.claimRef?.namespace === rehearsal.subject.application.namespace);
}

function listed(json: string): readonly Live[] {
  const live = JSON.parse(json) as Live | { readonly items: readonly Live[] };
  return 'items' in live ? live.items : [live];
}

/** Succeeds when no chart has failed, in the words of whoever installs it. */
function assertInstalled(objects: readonly Live[]): void {
  const failures = objects.flatMap((object) =>
    (object.status?.conditions ?? [])
      .filter(({ type, status }) => type === 'Failed' && status === 'True')
      .map(({ message }) => `${nameOf(object)}: ${message}`),
  );
  if (failures.length > 0) throw new Error(failures.join('; '));
}

function assertMarker({ ground, subject }: Rehearsal): void {
  const marker = ground.readMarker(subject.application.namespace);
  if (marker !== 'first marker') throw new Error(`the data marker is ${marker ?? 'gone'}`);
}

function nameOf({ kind, metadata }: Live): string {
  return `${kind}/${metadata.name}`;
}

/** Runs kubectl on the environment's cluster. What has secrets in it goes by standard input, and no output of it is kept. */
async function kubectl(rehearsal: Rehearsal, args: readonly string[], input = ''): Promise<string> {
  const { ground, subject } = rehearsal;
  const { context } = subject.kubeconfig;
  const where = ['--kubeconfig', rehearsal.kubeconfig(), ...(context ? ['--context', context] : [])];
  const namespace = ['--namespace', subject.application.namespace];
  const [verb = ''] = args;
  // Manifests say each object's namespace themselves.
  const placed =
    verb === 'kustomize' ? [] : ['apply', 'get'].includes(verb) && input ? where : [...where, ...namespace];
  const finished = await run('kubectl', [...args, ...placed], { env: ground.env, input });
  if (finished.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${finished.stderr.trim()}`);
  return finished.stdout;
}
