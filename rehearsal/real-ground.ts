import { ended } from '../clients/compute-operation';
import type { GoogleClients } from '../clients/google';
import { clusterPlaceOf, Kubectl } from '../clients/kubectl';
import { clusterVmOf } from '../clients/vm';
import type { LoadedPlatform } from '../platforms/load';
import { restoreFileOf } from '../platforms/schema/restore';
import { type Ground, Rehearsal } from './rehearsal';

/** ConfigMap with the marker: the cluster keeps it on the boot disk, and Argo CD does not manage it. */
const MARKER = 'strata-drill';

/** How long to wait for the cluster and its workloads, and the pause between two attempts, in milliseconds. */
const PATIENCE_MS = 15 * 60_000;
const PAUSE_MS = 5_000;

/** The clouds that the environment of this process reaches, for a drill: what only simulated clouds can do throws. */
export function realGround(
  platform: LoadedPlatform,
  env: string,
  { compute }: GoogleClients,
  directory: string,
): Ground {
  const kubectl = new Kubectl(clusterPlaceOf(platform, env));
  const marker = (namespace: string) => ['configmap', MARKER, `--namespace=${namespace}`];
  const never = (what: string) => (): never => {
    throw new Error(`a drill on real clouds cannot ${what}`);
  };
  return {
    directory,
    env: process.env,
    now: () => Date.now(),
    settled: async () => {},
    pass: never('let time pass'),
    loseMachine: async () => {
      // The disk stays: it is the way back.
      const { project, zone, name: instance } = clusterVmOf(platform, env);
      await ended(compute, project, (await compute.instances.delete({ project, zone, instance })).data);
    },
    writeMarker: async (namespace, text) => {
      await kubectl.run(['delete', ...marker(namespace), '--ignore-not-found']);
      await kubectl.run(['create', ...marker(namespace), `--from-literal=text=${text}`]);
    },
    readMarker: async (namespace) => {
      const found = await kubectl.find<{ readonly data?: { readonly text?: string } }>(['get', ...marker(namespace)]);
      return found?.data?.text;
    },
    watchServing: never('watch whether workloads serve'),
    merge: never('merge'),
    pushImage: never('push an image'),
    commit: never('commit'),
    coverage: () => ({ checked: 0, accepted: 0 }),
  };
}

/** A drill on real clouds: it waits for what simulated clouds do at once, and uses the platform's own restore file. */
export class RealDrill extends Rehearsal {
  override get restoreFile(): string {
    return restoreFileOf(this.platform.name);
  }

  override application(): ReturnType<Rehearsal['application']> {
    const application = super.application();
    return new Proxy(application, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => patiently(() => Promise.resolve(value.apply(target, args)));
      },
    });
  }
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
