import { setTimeout } from 'node:timers/promises';
import { podsOf } from '../../manifests/checks/pods';
import { nameOf } from '../../manifests/checks/problem';
import type { Json } from '../helpers/synth';
import { APPLY, kubectl, mustKubectl } from './kubectl';
import type { Server } from './server';

/** The server of this run, or undefined where there is none. */
export const SERVER: Server | undefined = process.env['STRATA_CLUSTER']
  ? JSON.parse(process.env['STRATA_CLUSTER'])
  : undefined;

/** A test with the server; where there is none it is shown as skipped, and the setup said why. */
export const onServer: jest.It = SERVER ? test : test.skip;

/** Namespaces that layer 01-k8s makes, so that no tree has them. */
export const LAYER_NAMESPACES = ['argocd', 'external-secrets-system', 'local-path-storage'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
}));

/** The server of this run. @throws outside `onServer`. */
export function server(): Server {
  if (!SERVER) throw new Error('no API server: see the setup');
  return SERVER;
}

/** Objects of kinds that the server has: without CRDs it lacks some. */
export function served(objects: readonly Json[]): Json[] {
  const { stdout } = kubectl(server().kubeconfig, ['api-resources', '--no-headers']);
  const kinds = new Set(stdout.split('\n').map((line) => line.trim().split(/\s+/).slice(-3).join(' ')));
  return objects.filter(
    ({ apiVersion, kind }) => kinds.has(`${apiVersion} true ${kind}`) || kinds.has(`${apiVersion} false ${kind}`),
  );
}

/** Makes the namespaces of objects, first their own, then those of the layers before, each with its service account. */
export async function makeNamespaces(objects: readonly Json[]): Promise<void> {
  const { kubeconfig, hasControllers } = server();
  const own = objects.filter(({ kind }) => kind === 'Namespace');
  const names = [...own.map(({ metadata }) => metadata.name), ...LAYER_NAMESPACES.map(({ metadata }) => metadata.name)];
  mustKubectl(kubeconfig, [...APPLY, '--force-conflicts'], [...own, ...LAYER_NAMESPACES]);
  const account = (namespace: string) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
  });
  if (!hasControllers) mustKubectl(kubeconfig, APPLY, names.map(account));
  while (kubectl(kubeconfig, ['get', '-f', '-'], names.map(account)).code !== 0) await setTimeout(200);
}

/** The objects as the server has them, by their names. */
export function readBack(objects: readonly Json[]): Map<string, Json> {
  const text = mustKubectl(server().kubeconfig, ['get', '-f', '-', '-o=json', '--show-managed-fields'], objects);
  const read = JSON.parse(text);
  const items: Json[] = read.kind === 'List' ? read.items : [read];
  return new Map(items.map((item) => [keyOf(item), item]));
}

/** Kind, namespace and name, with the group: a kind of two groups may have one name. */
export function keyOf(object: Json): string {
  return `${object.apiVersion} ${nameOf(object)}`;
}

/** The pods that workloads ask for, as objects: Pod Security refuses pods, and only warns of workloads. */
export function podObjects(objects: readonly Json[]): Json[] {
  return podsOf(objects).map(({ object, namespace, labels, spec }) => {
    const claims = (object.spec.volumeClaimTemplates ?? []).map(({ metadata }: Json) => ({
      name: metadata.name,
      persistentVolumeClaim: { claimName: metadata.name },
    }));
    const volumes = [...(spec.volumes ?? []), ...claims];
    const name = `${object.kind.toLowerCase()}-${object.metadata.name}`;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: { ...spec, ...(volumes.length ? { volumes } : {}) },
    };
  });
}

/**
 * Takes objects and namespaces away again, so that the next environment finds an empty cluster. Their finalizers go first:
 * the controllers that would take them away are not there.
 */
export async function cleanUp(objects: readonly Json[]): Promise<void> {
  const { kubeconfig } = server();
  const spaces = [...objects.filter(({ kind }) => kind === 'Namespace'), ...LAYER_NAMESPACES];
  const rest = objects.filter(({ kind }) => kind !== 'Namespace');
  mustKubectl(kubeconfig, ['delete', '-f', '-', '--wait=false', '--ignore-not-found'], rest);
  const left = JSON.parse(mustKubectl(kubeconfig, ['get', '-f', '-', '-o=json', '--ignore-not-found'], rest) || '{}');
  const held: Json[] = left.items ?? (left.kind ? [left] : []);
  const patch = ['--type=merge', '--patch={"metadata":{"finalizers":null}}'];
  if (held.length) kubectl(kubeconfig, ['patch', '-f', '-', ...patch], held);
  await removeNamespaces(spaces);
}

async function removeNamespaces(spaces: readonly Json[]): Promise<void> {
  const { kubeconfig, hasControllers } = server();
  // `default` cannot go, so what it was given goes.
  const own = spaces.filter(({ metadata }) => metadata.name === 'default');
  if (own.length)
    mustKubectl(
      kubeconfig,
      APPLY,
      own.map(({ apiVersion, kind, metadata: { name } }) => ({ apiVersion, kind, metadata: { name } })),
    );
  const names = [...new Set(spaces.map(({ metadata }) => metadata.name))].filter((name) => name !== 'default');
  mustKubectl(kubeconfig, ['delete', 'namespace', ...names, '--wait=false', '--ignore-not-found']);
  for (const name of hasControllers ? [] : names) {
    const finalized = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } };
    kubectl(kubeconfig, ['replace', `--raw=/api/v1/namespaces/${name}/finalize`, '-f', '-'], [finalized]);
  }
  while (kubectl(kubeconfig, ['get', 'namespace', ...names, '-o=name', '--ignore-not-found']).stdout)
    await setTimeout(300);
}
