import { type LayerId, scopeOf } from '../../contracts/layers';
import type { Platform } from '../../platforms/schema/define-platform';
import { layersOf } from '../../platforms/schema/environment';
import { recall } from '../memory';
import type { Rehearsal, Step } from '../rehearsal';
import { assertMarker, assertSame, uids } from './assertions';
import { deploy } from './bring-up';

/**
 * The cluster layers are destroyed and deployed again while the application keeps serving. No data is lost, and the cloud layers
 * do not change.
 */
export function layerRebuild(platform: Platform, env: string): Step[] {
  const layers = layersOf(platform, env);
  const inCloud = layers.filter((id) => scopeOf(id) === 'cloud');
  const inCluster = layers.filter((id) => scopeOf(id) === 'cluster');
  return [
    REMEMBER_WHAT_SERVES(inCloud),
    ...[...inCluster].reverse().map(destroy),
    STILL_SERVING,
    ...inCloud.map(intact),
    ...inCluster.map((id) => deploy(id, `rebuild ${id}`)),
    ADOPTED,
  ];
}

const REMEMBER_WHAT_SERVES = (inCloud: readonly LayerId[]): Step => ({
  name: 'note the pods that serve',
  run: async (r) => {
    r.memory.pods = uids(await r.application().assertServing());
    r.memory.cloudResources = Object.fromEntries(
      await Promise.all(inCloud.map(async (id) => [id, await r.stack(id).resources()] as const)),
    );
    r.mark('layer rebuild');
  },
});

function destroy(layer: LayerId): Step {
  return { name: `destroy ${layer}`, layer, run: (r) => r.destroy(layer) };
}

const STILL_SERVING: Step = {
  name: 'the application keeps serving',
  run: async (r) => assertSamePods(r, await r.application().assertServing()),
};

function intact(layer: LayerId): Step {
  return {
    name: `${layer} is intact`,
    layer,
    run: async (r) => {
      const before = recall(r.memory, 'cloudResources')[layer] ?? [];
      assertSame(`resources of ${layer}`, before, await r.stack(layer).resources());
      await r.assertUnchanged(layer);
      return undefined;
    },
  };
}

const ADOPTED: Step = {
  name: 'the application is adopted, its data kept',
  run: async (r) => {
    assertSamePods(r, (await r.application().assertSynced()).pods);
    await assertMarker(r, 'the layer rebuild');
    r.report.recovery.layerRebuild = { rtoSeconds: r.since('layer rebuild'), data: 'kept' };
  },
};

function assertSamePods({ memory }: Rehearsal, pods: readonly { readonly uid: string }[]): undefined {
  assertSame('pods', recall(memory, 'pods'), uids(pods));
}
