import { Kubectl } from '../../clients/kubectl';
import { applyManifests, buildManifests, type Manifests } from '../../delivery/push-apply/apply';
import { DeploymentLease } from '../../delivery/push-apply/lease';
import { shortcomings } from '../../delivery/push-apply/verify';
import { parse } from '../../manifests/checks/render';
import { JumpingClock } from '../delivery/rollout/fake-cluster';
import type { Json } from '../helpers/synth';
import { cleanUp, keyOf, makeNamespaces, onServer, readBack, SERVER, served, server } from './environment';
import { APPLY, mustKubectl } from './kubectl';

const PATH = 'k8s/real-estate/hetzner/test';

/** Kinds of the overlay that the chart in its folder `infrastructure` brings. */
const LATE: readonly (readonly [kind: string, plural: string])[] = [
  ['ServiceMonitor', 'servicemonitors'],
  ['PrometheusRule', 'prometheusrules'],
];

let manifests: Manifests;
let objects: readonly Json[];
const said: string[] = [];
/** CRDs that this has brought, which other tests must not find. */
const brought: string[] = [];
const kubectl = () => new Kubectl({ kubeconfig: server().kubeconfig });
const values = new Proxy<Record<string, string>>({}, { get: (_, name) => `the-value-of-${String(name)}` });

beforeAll(async () => {
  if (!SERVER) return;
  manifests = await buildManifests('.', PATH, values);
  objects = [...parse(manifests.infrastructure ?? ''), ...parse(manifests.overlay)];
  await makeNamespaces(objects);
});
afterAll(async () => {
  if (!SERVER) return;
  await cleanUp(objects);
  mustKubectl(server().kubeconfig, ['delete', 'lease', '--all', '-n', 'default']);
  if (brought.length > 0) mustKubectl(server().kubeconfig, ['delete', ...brought]);
});

/** Applies as `npm run ship` does. The chart is installed while it waits, as k3s would. */
function apply(options: { readonly forceConflicts?: boolean } = {}) {
  const clock = new JumpingClock();
  clock.onSleep = () => {
    const missing = LATE.filter(([kind]) => served([monitor(kind)]).length === 0);
    if (missing.length === 0) return;
    mustKubectl(
      server().kubeconfig,
      APPLY,
      missing.map(([kind, plural]) => definition(kind, plural)),
    );
    const names = missing.map(([, plural]) => `crd/${plural}.monitoring.coreos.com`);
    brought.push(...names);
    mustKubectl(server().kubeconfig, ['wait', '--for=condition=Established', '--timeout=60s', ...names]);
  };
  return applyManifests(manifests, { kubectl: kubectl(), clock, onProgress: (line) => said.push(line), ...options });
}

const monitor = (kind: string) => ({ apiVersion: 'monitoring.coreos.com/v1', kind });

function definition(kind: string, plural: string): Json {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.monitoring.coreos.com` },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

onServer('an environment is applied once its CRDs are installed, and a second time nothing changes', async () => {
  const wasLate = served(LATE.map(([kind]) => monitor(kind))).length < LATE.length;
  const applied = await apply();
  expect(applied).toHaveLength(objects.length);
  expect(said.some((line) => line.startsWith('the owners of CRDs are being installed: '))).toBe(wasLate);
  const versions = () => [...readBack(objects)].map(([key, { metadata }]) => `${key} ${metadata.resourceVersion}`);
  const before = versions();
  await apply();
  expect(versions()).toEqual(before);
});

onServer('passwords are in their Secrets, and nowhere else', () => {
  const secret = readBack(objects.filter(({ metadata }) => metadata.name === 'postgres-sa'))
    .values()
    .next().value;
  expect(Buffer.from(secret?.data.password, 'base64').toString()).toBe('the-value-of-POSTGRES_SA_PASSWORD');
  const others = [...readBack(objects)].filter(([, { kind }]) => kind !== 'Secret');
  expect(JSON.stringify(others)).not.toContain('the-value-of');
});

onServer('a field of another manager is reported, and taken only with --force-conflicts', async () => {
  const other = ['apply', '--server-side', '--field-manager=somebody', '--force-conflicts', '-f', '-'];
  const exporter = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'postgres-exporter');
  mustKubectl(server().kubeconfig, other, [
    {
      ...exporter,
      metadata: { name: 'postgres-exporter', namespace: 'default' },
      spec: { ...exporter?.spec, replicas: 3 },
    },
  ]);
  await expect(apply()).rejects.toThrow(
    /another manager owns fields that this would change:\n.*"somebody".*\.spec\.replicas/s,
  );
  await apply({ forceConflicts: true });
  expect(readBack([exporter]).get(keyOf(exporter))?.spec.replicas).toBe(1);
});

onServer('what is not ready is listed: without a kubelet, every Service', async () => {
  const services = parse(manifests.overlay).filter(({ kind, spec }) => kind === 'Service' && spec.selector);
  expect(await shortcomings(kubectl(), manifests.overlay, 'default')).toEqual(
    services.map(({ metadata }) => `service ${metadata.name} has no pod that is ready`),
  );
});

describe('the Lease', () => {
  const lease = (holder: string, clock = new JumpingClock()) => {
    // A background renewal would come due at once with a clock that jumps.
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) =>
      ms === 30_000
        ? new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        : sleep(ms, signal);
    return { kubectl: kubectl(), clock, holder, namespace: 'default', name: 'strata-real-estate-test' };
  };

  onServer('is held by one, remembers what was deployed, and is free afterwards', async () => {
    const first = await DeploymentLease.take(lease('first'));
    await first.remember({ deployedCommit: 'c0ffee0' });
    const waiting = lease('second');
    const waits: string[] = [];
    const second = DeploymentLease.take({
      ...waiting,
      onWait: (message) => {
        waits.push(message);
        if (waits.length === 1) void first.release();
      },
    });
    expect((await second).memory).toEqual({ deployedCommit: 'c0ffee0' });
    expect(waits[0]).toMatch(/^lease strata-real-estate-test is held by first since \d/);
    await (await second).release();
  });

  onServer('that somebody else has changed is lost: the server refuses the resourceVersion', async () => {
    const held = await DeploymentLease.take(lease('third'));
    const patch = '--patch={"spec":{"holderIdentity":"somebody"}}';
    mustKubectl(server().kubeconfig, [
      'patch',
      'lease',
      'strata-real-estate-test',
      '-n=default',
      '--type=merge',
      patch,
    ]);
    await expect(held.remember({ deployedCommit: 'abc1234' })).rejects.toThrow(
      'lease strata-real-estate-test is lost: somebody has changed it',
    );
    expect(held.lost.aborted).toBe(true);
  });
});
