import type { Rehearsal, Step } from '../../rehearsal/rehearsal';
import type { Sandbox } from '../../sandbox/sandbox';
import type { KubernetesObject } from '../../sandbox/world';

/** A rehearsal in its sandbox. */
export interface Ground {
  readonly rehearsal: Rehearsal;
  readonly sandbox: Sandbox;
}

/** Breaks one thing, and returns how to repair it. */
export type Break = (ground: Ground) => (() => void | Promise<void>) | Promise<() => void | Promise<void>>;

/** For each step that checks something: worlds in which exactly one thing is wrong, and the reason that the step must give. */
export type Broken = Readonly<Record<string, readonly [what: string, wrong: Break, reason: RegExp][]>>;

/** Runs all steps. Each must fail in each of its broken worlds with the right reason, and pass once that is repaired. */
export async function expectFailures(ground: Ground, steps: readonly Step[], broken: Broken): Promise<void> {
  const { rehearsal } = ground;
  const seen: string[] = [];
  for (const step of steps) {
    for (const [what, wrong, reason] of broken[step.name] ?? []) {
      const repair = await wrong(ground);
      let message = 'it passed';
      await rehearsal.run(step).catch((error: Error) => {
        message = error.message;
      });
      expect(`${step.name}: ${what}: ${message}`).toMatch(reason);
      expect(rehearsal.report.steps.at(-1)).toMatchObject({ name: step.name, ok: false });
      expect(rehearsal.report.failure?.step).toBe(step.name);
      await repair();
      seen.push(`${step.name}: ${what}`);
    }
    expect(await rehearsal.run(step)).toMatchObject({ ok: true });
  }
  expect(seen).toEqual(Object.entries(broken).flatMap(([step, rows]) => rows.map(([what]) => `${step}: ${what}`)));
}

function clusterOf({ sandbox }: Ground) {
  const [place] = sandbox.clusters.all();
  if (!place) throw new Error('there is no cluster yet');
  return place.cluster;
}

export function objects(ground: Ground, kind: string, namespace?: string): KubernetesObject[] {
  return Object.values(clusterOf(ground).data.objects).filter(
    (object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
  );
}

export function one(ground: Ground, kind: string, namespace: string): KubernetesObject {
  const [object] = objects(ground, kind, namespace);
  if (!object) throw new Error(`no ${kind} in ${namespace}`);
  return object;
}

export function put<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): () => void {
  const before = target[key];
  target[key] = value;
  return () => {
    target[key] = before;
  };
}

/** Replaces an object of the cluster by a changed copy, without an event for controllers. */
export function changed(ground: Ground, object: KubernetesObject, fields: object): () => void {
  const cluster = clusterOf(ground);
  const key = Object.entries(cluster.data.objects).find(([, found]) => found === object)?.[0] ?? '';
  const write = (value: KubernetesObject) => {
    cluster.data.objects[key] = value;
    cluster['ofKind'](key).set(key, value);
  };
  const copy = merged(object, fields) as KubernetesObject;
  write(copy);
  return () => {
    if (cluster.data.objects[key] === copy) write(object);
  };
}

/** A copy of an object with some fields set. Lists are replaced as a whole. */
function merged(value: object, fields: object): object {
  const entries = Object.entries(fields).map(([key, field]): [string, unknown] => {
    const before: unknown = value[key as keyof typeof value];
    const isNested = typeof field === 'object' && field !== null && !Array.isArray(field);
    return [key, isNested ? merged((before ?? {}) as object, field as object) : field];
  });
  return { ...value, ...Object.fromEntries(entries) };
}

export function unready(namespace: string): Break {
  const conditions = [{ type: 'Ready', status: 'False', message: 'the probe fails' }];
  return (ground) => changed(ground, one(ground, 'Pod', namespace), { status: { conditions } });
}

export function marker(text: string | undefined): Break {
  return ({ rehearsal: { ground, namespace } }) => {
    const before = ground.readMarker(namespace);
    ground.writeMarker(namespace, text as string);
    return () => ground.writeMarker(namespace, before as string);
  };
}
