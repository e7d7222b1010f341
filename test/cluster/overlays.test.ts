import type { Environment } from '../../manifests/checks/problem';
import { objectsOf } from '../../manifests/checks/render';
import { leaves, readTrees } from '../../manifests/checks/sources';
import { ENVIRONMENTS } from '../helpers/environments';
import type { Json } from '../helpers/synth';
import { cleanUp, keyOf, makeNamespaces, onServer, podObjects, readBack, SERVER, served, server } from './environment';
import { APPLY, kubectl } from './kubectl';

/** Environments that share a cluster, tried there together: those of techtorque are two namespaces of one. */
const CLUSTERS = [
  ...ENVIRONMENTS.filter(({ platform }) => platform !== 'techtorque').map(
    (one) => [`${one.platform} ${one.overlays[0]}`, [one]] as const,
  ),
  ['techtorque', ENVIRONMENTS.filter(({ platform }) => platform === 'techtorque')] as const,
];

const applied = new Set<string>();
const leftOut = new Set<string>();

describe.each(CLUSTERS)('%s', (_, environments) => {
  let objects: Json[] = [];
  beforeAll(async () => {
    if (!SERVER) return;
    const all = environments.flatMap(objectsOf);
    objects = served(all);
    for (const object of all.filter((one) => !objects.includes(one)))
      leftOut.add(`${object.apiVersion} ${object.kind}`);
    await makeNamespaces(objects);
  });
  afterAll(() => (SERVER ? cleanUp(objects) : undefined));

  onServer('is taken in by strict validation, without a warning', () => {
    const { code, stderr } = kubectl(server().kubeconfig, APPLY, objects);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    if (!leftOut.size) for (const overlay of environments.flatMap(overlaysOf)) applied.add(overlay);
  });

  onServer('reads back with every field that was applied', () => {
    const read = readBack(objects);
    const lost = objects.flatMap((object) => missingIn(read.get(keyOf(object)), object, keyOf(object)));
    expect(lost).toEqual([]);
  });

  onServer('is not changed by a second apply', () => {
    const before = readBack(objects);
    const { code, stderr } = kubectl(server().kubeconfig, APPLY, objects);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(versions(readBack(objects))).toEqual(versions(before));
  });

  onServer('has pods that Pod Security admits', () => {
    const pods = podObjects(objects);
    if (!pods.length) return;
    const { stderr } = kubectl(server().kubeconfig, [...APPLY, '--dry-run=server'], pods);
    expect(stderr).toBe('');
  });
});

onServer('every overlay of every platform was applied', () => {
  const all = leaves(readTrees());
  const lacking = leftOut.size ? `; without CRDs, so left out: ${[...leftOut].join(', ')}` : '';
  process.stdout.write(`overlays applied to ${server().name}: ${applied.size} of ${all.length}${lacking}\n`);
  if (!leftOut.size) expect([...applied].sort()).toEqual(all);
});

function overlaysOf({ platform, overlays }: Environment): string[] {
  return overlays.map((overlay) => `k8s/${platform}/${overlay}`);
}

/** What must not move: where controllers write a status, only what we own and the generation. */
function versions(objects: Map<string, Json>): Record<string, unknown> {
  const version = (object: Json) => {
    const { generation, managedFields, resourceVersion } = object.metadata;
    // The second write of a claim gets a number of its own though no field differs; the third gets none.
    const isRewritten = object.kind === 'PersistentVolumeClaim';
    if (server().isQuiet && !isRewritten) return resourceVersion;
    const ours = managedFields.filter(({ manager }: Json) => manager === 'strata');
    return isRewritten && server().isQuiet ? [object.spec, object.status, ours] : [generation, ours];
  };
  return Object.fromEntries([...objects].map(([name, object]) => [name, version(object)]));
}

/** Paths of what was applied and is not there. Values may take another form, such as 1000m for 1. */
function missingIn(read: Json, wanted: Json, path: string): string[] {
  if (read === undefined) return [path];
  if (typeof wanted !== 'object' || wanted === null) return [];
  return Object.entries(wanted).flatMap(([key, value]) =>
    key === 'stringData' ? [] : missingIn(read?.[key], value, `${path}.${key}`),
  );
}
