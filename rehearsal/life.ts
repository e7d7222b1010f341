import { readIdentity, serialsOf } from '../recovery/identity-record';
import { snapshotName } from '../recovery/snapshot-name';
import { monthlyCost } from './costs';
import { imageUpdates } from './image-updates';
import { pushApply } from './life-without-layers';
import type { Step } from './rehearsal';
import type { Subject } from './subject';

/**
 * The whole life of a platform: it comes up, is rebuilt layer by layer while it serves and, where its cluster is a VM of
 * ours, loses its machine and comes back from a snapshot.
 *
 * Where CI applies by itself there are no layers, and another life: see `push-apply.ts`.
 *
 * The two recoveries are not the same. A layer rebuild loses no data; a disk restore brings back what the snapshot held.
 */
export function life({ vm, imageUpdater, pushed }: Pick<Subject, 'vm' | 'imageUpdater' | 'pushed'>): Step[] {
  if (pushed) return pushApply(pushed);
  return [
    SYNTHESISE,
    ...(vm ? machineComesUp(vm.name) : [SET_THE_SECRETS]),
    ...platformComesUp(vm?.name),
    ...(imageUpdater ? imageUpdates(imageUpdater) : []),
    ...layerRebuild(vm !== undefined),
    ...(vm ? diskRestore(vm.name) : []),
    EVERY_PLAN_IS_EMPTY,
  ];
}

const SYNTHESISE: Step = {
  name: 'synthesise',
  run: async (r) => {
    await r.synthesise();
  },
};

const SET_THE_SECRETS: Step = {
  name: 'set the secrets',
  run: async ({ subject, tools }) => {
    for (const name of subject.secrets) await tools.setSecret(name, `rehearsed-value-of-${name}`);
  },
};

const EVERY_PLAN_IS_EMPTY: Step = {
  name: 'every plan is empty',
  run: async (r) => {
    for (const { id } of r.subject.layers) await r.assertUnchanged(id);
  },
};

function machineComesUp(vm: string): Step[] {
  return [
    deploy('00-vpc'),
    SET_THE_SECRETS,
    snapshot('00-vpc', vm),
    {
      name: 'fetch the kubeconfig',
      run: async ({ tools }) => {
        await tools.fetchKubeconfig();
      },
    },
  ];
}

/** @param vm - the machine to take a snapshot of; none where the cluster is not ours. */
function platformComesUp(vm: string | undefined): Step[] {
  return [
    deploy('01-k8s'),
    ...(vm ? [snapshot('01-k8s', vm)] : []),
    deploy('02-argocd-app'),
    {
      name: 'application admitted and scheduled (simulated)',
      run: async (r) => {
        await r.application().assertSynced();
        await r.application().assertClusterReady();
      },
    },
    {
      name: 'write a data marker',
      run: async (r) => {
        for (const { id } of r.subject.layers) r.report.resources[id] = (await r.stack(id).resources()).length;
        if (r.subject.vm) r.report.cost = monthlyCost(await r.stack('00-vpc').state(), r.subject);
        r.ground.writeMarker(r.subject.application.namespace, 'first marker');
      },
    },
  ];
}

/** @param onVm - whether 00-vpc is a layer of it. */
function layerRebuild(onVm: boolean): Step[] {
  let pods: string[] = [];
  let resources: string[] = [];
  const intact = (): Step => ({
    name: '00-vpc is intact',
    layer: '00-vpc',
    run: async (r) => {
      assertSame('resources of 00-vpc', resources, await r.stack('00-vpc').resources());
      await r.assertUnchanged('00-vpc');
    },
  });
  return [
    {
      name: 'take 02-argocd-app away',
      layer: '02-argocd-app',
      run: async (r) => {
        pods = uids(await r.application().assertServing());
        if (onVm) resources = await r.stack('00-vpc').resources();
        r.mark('layer rebuild');
        return r.destroy('02-argocd-app');
      },
    },
    { name: 'take 01-k8s away', layer: '01-k8s', run: (r) => r.destroy('01-k8s') },
    {
      name: 'the application keeps serving',
      run: async (r) => {
        assertSame('pods', pods, uids(await r.application().assertServing()));
      },
    },
    ...(onVm ? [intact()] : []),
    deploy('01-k8s', 'rebuild 01-k8s'),
    deploy('02-argocd-app', 'rebuild 02-argocd-app'),
    {
      name: 'the application is adopted, its data kept',
      run: async (r) => {
        assertSame('pods', pods, uids((await r.application().assertSynced()).pods));
        const marker = r.ground.readMarker(r.subject.application.namespace);
        if (marker !== 'first marker')
          throw new Error(`the data marker is ${marker ?? 'gone'} after the layer rebuild`);
        r.report.recovery.layerRebuild = { rtoSeconds: r.since('layer rebuild'), data: 'kept' };
      },
    },
  ];
}

function diskRestore(vm: string): Step[] {
  let outputs: Record<string, unknown> = {};
  let taken = new Date(0);
  let node: object = {};
  return [
    snapshot('02-argocd-app', vm),
    {
      name: 'write a newer marker, lose the VM and its disk',
      run: async (r) => {
        outputs = await r.stack('00-vpc').outputs();
        node = await r.application().node();
        r.ground.writeMarker(r.subject.application.namespace, 'second marker');
        r.mark('loss');
        r.ground.loseMachine();
      },
    },
    {
      name: 'choose a snapshot and synthesise',
      run: async (r) => {
        ({ createdAt: taken } = await r.tools.chooseRestore(
          String(outputs['boot_disk_id']),
          await serialsOf(r.allStacks()),
        ));
        await r.synthesise();
      },
    },
    deploy('00-vpc', 'restore 00-vpc from the snapshot'),
    {
      name: 'the same VM: address and node name',
      run: async (r) => {
        await r.tools.fetchKubeconfig();
        const restored = await r.stack('00-vpc').outputs();
        assertSame('address', [String(outputs['vm_internal_ip'])], [String(restored['vm_internal_ip'])]);
        assertSame('node', Object.values(node), Object.values(await r.application().node()));
      },
    },
    {
      name: 'the application is back, its data as old as the snapshot',
      run: async (r) => {
        await r.application().assertSynced();
        const marker = r.ground.readMarker(r.subject.application.namespace);
        if (marker !== 'first marker')
          throw new Error(`the data marker is ${marker ?? 'gone'}, not the one in the snapshot`);
        r.report.recovery.diskRestore = {
          rtoSeconds: r.since('loss'),
          rpoSeconds: Math.round(((r.moments.get('loss') ?? 0) - taken.getTime()) / 1000),
          data: `back to ${taken.toISOString().replace(/\.\d+Z$/, 'Z')}`,
        };
      },
    },
  ];
}

function deploy(layer: string, name = `deploy ${layer}`): Step {
  return { name, layer, run: (rehearsal) => rehearsal.deploy(layer) };
}

function snapshot(layer: string, vm: string): Step {
  return {
    name: `snapshot after ${layer}`,
    layer,
    run: async (rehearsal) => {
      const { tools, ground } = rehearsal;
      const { boot_disk_name: disk } = await rehearsal.stack('00-vpc').outputs();
      const record = await readIdentity(rehearsal.allStacks());
      await tools.snapshots.make(snapshotName(layer, vm, new Date(ground.now())), String(disk), layer, record);
    },
  };
}

function uids(pods: readonly { readonly uid: string }[]): string[] {
  return pods.map((pod) => pod.uid).sort();
}

function assertSame(what: string, before: readonly string[], after: readonly string[]): void {
  if (before.join('\n') === after.join('\n')) return;
  throw new Error(`${what} changed: before ${before.join(', ')}; now ${after.join(', ')}`);
}
