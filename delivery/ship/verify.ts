import { join } from 'node:path';
import { kustomize } from '../../clients/kubectl';
import { environmentOf } from '../../platforms/schema/define-platform';
import { overlaysOf } from '../overlays';
import { imageDifferences, nameOf, progressOf, type Workload, workloadsIn } from '../rollout/workload';
import { checkOut } from './target';
import type { DeliveryTools } from './tools';

/** A workload in Git and in the cluster. */
export interface Verified {
  /** `deployment/nextjs`. */
  readonly workload: string;
  readonly namespace: string;
  readonly images: readonly string[];
  /** Empty if the cluster matches Git. */
  readonly differences: readonly string[];
}

/** Compares the Deployments and StatefulSets of an environment's branch with its cluster. Changes nothing. */
export async function verify(tools: DeliveryTools): Promise<Verified[]> {
  const { platform, env } = tools;
  environmentOf(platform, env);
  const kubectl = tools.kubectl();
  const folder = await checkOut(tools);
  const overlays = await overlaysOf(platform, env, folder);
  const wanted = await Promise.all(
    overlays.map(async ({ path, namespace }) => workloadsIn(await kustomize(join(folder, path)), namespace)),
  );
  return Promise.all(
    wanted.flat().map(async (workload) => {
      const { namespace = '' } = workload.metadata;
      const live = await kubectl.find<Workload>(['get', nameOf(workload), `--namespace=${namespace}`]);
      const progress = live && progressOf(live);
      return {
        workload: nameOf(workload),
        namespace,
        images: workload.spec.template.spec.containers.map(({ image }) => image),
        differences: [
          ...imageDifferences(workload, live),
          ...(progress && progress.state !== 'done' ? [progress.message] : []),
        ],
      };
    }),
  );
}
