import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf } from '../../manifests/checks/problem';
import { ROOT } from '../../manifests/checks/sources';
import { loadPlatform } from '../../platforms/load';
import { type Cluster, storageClassOf } from '../../platforms/schema/cluster';
import { environmentOf } from '../../platforms/schema/define-platform';
import { layersOf, repositoryOf, stackOf } from '../../platforms/schema/environment';
import { initialObjects } from '../../sandbox/machines/existing';
import { findCrds } from '../cluster/crds';
import { ENVIRONMENTS } from '../helpers/environments';
import { suiteUnless } from '../helpers/lane';
import { type Json, temporaryFolder } from '../helpers/synth';
import { ControlPlane, lacksOfControlPlane } from './control-plane';
import { layerObjects } from './layers';
import { Simulation } from './simulation';

/** Clusters by the stack of their 01-k8s, each with the environments that Argo CD deploys to it. */
const CLUSTERS = [...new Set(ENVIRONMENTS.map(({ platform }) => platform))].flatMap((name) => {
  const platform = loadPlatform(name, { restoreFile: 'absent.json' });
  const envs = Object.keys(platform.environments).filter((env) => layersOf(platform, env).includes('02-argocd-app'));
  const stacks = new Map<string, string[]>();
  for (const env of envs)
    stacks.set(stackOf(platform, env, '01-k8s'), [...(stacks.get(stackOf(platform, env, '01-k8s')) ?? []), env]);
  return [...stacks.values()].map((together) => [`${name} ${together.join(' and ')}`, platform, together] as const);
});

/** Seconds until Argo CD has synced an environment: an app of apps does it wave by wave. */
const PATIENCE = 400;

/** The driver of the provisioner that runs here. */
const LOCAL_PATH = 'rancher.io/local-path';

/** A folder of Git without manifests, as a wrong path would be. */
const EMPTY = 'k8s/empty';

const tally = { agreed: 0, of: 0, differences: [] as string[] };

const suite = suiteUnless(lacksOfControlPlane(process.env), 'Argo CD on a real control plane');

suite('on a real control plane', () => {
  const folder = temporaryFolder();
  afterAll(() => {
    process.stdout.write(`the sandbox and the real Argo CD: agreement ${tally.agreed} of ${tally.of}\n`);
    for (const one of tally.differences) process.stdout.write(`  ${one}\n`);
  });

  /** Waves of an app of apps wait for the charts in it, whose templates only the network has. */
  const isRun = ([, { repository }]: (typeof CLUSTERS)[number]) => repository.holds !== 'applications';
  for (const [name] of CLUSTERS.filter((one) => !isRun(one)))
    suiteUnless(['the templates of the charts in it'], name)(name, () => test.todo('needs a cluster with the network'));

  describe.each(CLUSTERS.filter(isRun))('%s', (_, platform, envs) => {
    const home = mkdtempSync(join(folder, 'cluster-'));
    const simulation = new Simulation(join(home, 'remotes'));
    let plane: ControlPlane;
    let layers: Json[];
    let refused: string[];
    let warnings = '';
    let applications: Json[];

    beforeAll(async () => {
      plane = await ControlPlane.start(String(process.env['LIVE_BIN']));
      const crds = findCrds(process.env).crds;
      warnings += plane.apply(crds);
      plane.kubectl([
        'wait',
        '--for=condition=Established',
        '--timeout=60s',
        ...crds.map(({ metadata }) => `crd/${metadata.name}`),
      ]);
      const each = envs.map((env) => layerObjects(join(home, 'cdktf.out'), platform.name, env));
      const k8s = [
        ...(each[0]?.k8s ?? []),
        ...storageOf(each[0]?.k8s ?? [], environmentOf(platform, String(envs[0])).cluster),
      ];
      const url = await plane.startGit(home);
      const { url: original } = platform.repository;
      const rewrite = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(original, `${url}/config.git`));
      const argocdApp = rewrite(each.flatMap((one) => one.argocdApp));
      layers = [...k8s, ...argocdApp];
      const tree = treeWith(join(home, 'tree'), (text) => text.replaceAll(original, `${url}/config.git`));
      for (const env of envs)
        await simulation.remotes.seed(`${url}/config.git`, repositoryOf(platform, env).branch, tree);
      execFileSync('git', [
        'clone',
        '--quiet',
        '--mirror',
        String(simulation.remotes.resolve(`${url}/config.git`)),
        join(home, 'config.git'),
      ]);

      refused = await simulation.apply([...crds, ...inOrder(layers)]);
      warnings += plane.apply(inOrder(k8s));
      // Without a key Argo CD refuses to start; its server writes one when it starts first.
      plane.patch(
        'secret',
        { metadata: { name: 'argocd-secret', namespace: 'argocd' } },
        { stringData: { 'server.secretkey': 'x' } },
      );
      for (const one of k8s.filter(isProvisioner)) plane.startProvisioner(one, k8s);
      await plane.startArgoCd();
      warnings += plane.apply(argocdApp);
      applications = argocdApp.filter(({ kind }) => kind === 'Application');
    });
    afterAll(() => {
      simulation.stop();
      plane?.stop();
    });

    const statuses = () => new Map(plane.list('applications.argoproj.io').map((app) => [app.metadata.name, app]));
    const brief = () =>
      [...statuses().values()].map(({ metadata, status = {} }) =>
        [
          metadata.name,
          status.sync?.status,
          status.health?.status,
          status.operationState?.phase,
          status.operationState?.message,
          ...(status.conditions ?? []).map(({ message }: Json) => message),
          ...(status.resources ?? [])
            .filter((one: Json) => one.status !== 'Synced' || !['Healthy', undefined].includes(one.health?.status))
            .map((one: Json) => `${one.kind}/${one.name} ${one.status} ${one.health?.status}`),
        ].join(' | '),
      );

    /** A volume of a driver that no machine without its cloud has. */
    const bind = ({ metadata: { name, namespace, uid, annotations = {} }, spec, status }: Json) => {
      const isForeign = ![undefined, LOCAL_PATH].includes(annotations['volume.kubernetes.io/storage-provisioner']);
      if (!isForeign || status.phase === 'Bound') return;
      const { accessModes, resources, storageClassName } = spec;
      const claimRef = { namespace, name, uid };
      const capacity = resources.requests;
      const volume = { accessModes, capacity, storageClassName, claimRef, hostPath: { path: `/volumes/${uid}` } };
      plane.apply([{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `pv-${uid}` }, spec: volume }]);
    };

    /** What only a node and an operator that does not run here would do. */
    const act = () => {
      for (const pod of plane.list('pods'))
        if (/^helper-pod-/.test(pod.metadata.name) && pod.status.phase === 'Running')
          plane.patch('pod', pod, { status: { phase: 'Succeeded' } }, '--subresource=status');
      for (const claim of plane.list('persistentvolumeclaims')) bind(claim);
      const ready = {
        status: {
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              reason: 'Simulated',
              message: 'by this test',
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
        },
      };
      for (const kind of ['secretstores', 'clustersecretstores', 'externalsecrets'])
        for (const one of plane.list(`${kind}.external-secrets.io`))
          if (!one.status?.conditions) plane.patch(`${kind}.external-secrets.io`, one, ready, '--subresource=status');
    };
    const isDone = () => {
      act();
      const all = [...statuses().values()];
      return (
        all.length >= applications.length &&
        all.every(
          ({ status = {} }) =>
            status.sync?.status === 'Synced' &&
            status.health?.status === 'Healthy' &&
            status.operationState?.phase === 'Succeeded',
        )
      );
    };

    test('the API server takes in what the layers create, without a warning', () => {
      expect({ warnings, refused }).toEqual({ warnings: '', refused: [] });
    });

    test('Argo CD syncs every Application, and finds it healthy', async () => {
      await plane.until(PATIENCE, isDone, () => [...brief(), plane.log('local-path-provisioner')].join('\n'));
    });

    test('one sync was enough, and nothing was denied', () => {
      for (const { metadata, status } of statuses().values()) {
        const failed = (status.operationState?.syncResult?.resources ?? []).filter(
          (one: Json) => one.status === 'SyncFailed',
        );
        expect([metadata.name, status.conditions ?? [], failed]).toEqual([metadata.name, [], []]);
        expect([metadata.name, status.history.length]).toEqual([metadata.name, 1]);
      }
    });

    test('every claim is bound, those of local-path by the real provisioner', async () => {
      const pending = () => plane.list('persistentvolumeclaims').filter(({ status }) => status.phase !== 'Bound');
      await plane.until(
        60,
        () => {
          act();
          return !pending().length;
        },
        () => [...pending().map(nameOf), plane.log('local-path-provisioner')].join('\n'),
      );
    });

    test('it stays synced after a hard refresh', async () => {
      const before = new Map([...statuses()].map(([name, { status }]) => [name, status.operationState?.startedAt]));
      for (const app of statuses().values())
        plane.patch('application', app, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard' } } });
      await plane.until(
        120,
        () => [...statuses().values()].every(({ metadata }) => !metadata.annotations?.['argocd.argoproj.io/refresh']),
        () => brief().join('\n'),
      );
      await plane.until(60, isDone, () => brief().join('\n'));
      expect(new Map([...statuses()].map(([name, { status }]) => [name, status.operationState?.startedAt]))).toEqual(
        before,
      );
    });

    test('the sandbox says the same of every object', () => {
      const said = (status: Json) =>
        Object.fromEntries(
          (status.resources ?? []).map((one: Json) => [
            `${one.group ?? ''}/${nameOf({ kind: one.kind, metadata: one })}`,
            `${one.status} ${one.health?.status ?? '-'}`,
          ]),
        );
      const real = statuses();
      const simulated = simulation.statuses();
      const differences: string[] = [];
      for (const name of new Set([...real.keys(), ...simulated.keys()])) {
        const one = said(real.get(name)?.status ?? {});
        const other = said(simulated.get(name) ?? {});
        for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
          tally.of++;
          if (one[key] === other[key]) tally.agreed++;
          else differences.push(`${name}: ${key}: real ${one[key]}, sandbox ${other[key]}`);
        }
      }
      tally.differences.push(...differences);
      expect(differences).toEqual([]);
    });

    test('neither prunes what a wrong path no longer has', async () => {
      const root = applications[0];
      const name = root.metadata.name;
      const uids = () =>
        Object.fromEntries(
          plane.list('pods').map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.uid]),
        );
      const before = uids();
      plane.patch('application', root, { spec: { source: { path: EMPTY } } });
      const wipes = (status: Json) =>
        (status?.conditions ?? []).some(({ message }: Json) =>
          message.includes('auto-sync will wipe out all resources'),
        );
      await plane.until(
        120,
        () => wipes(statuses().get(name)?.status),
        () => brief().join('\n'),
      );
      expect(uids()).toEqual(before);
      const changed = simulation.application(name) as Json;
      await simulation.apply([
        {
          apiVersion: changed.apiVersion,
          kind: changed.kind,
          metadata: { name, namespace: 'argocd' },
          spec: { ...changed.spec, source: { ...changed.spec.source, path: EMPTY } },
        },
      ]);
      expect(wipes(simulation.statuses().get(name))).toBe(true);
    });
  });
});

function isProvisioner({ kind, spec }: Json): boolean {
  return kind === 'Deployment' && spec.template.spec.containers[0].command?.[0] === 'local-path-provisioner';
}

/** The storage of a cluster that exists already, unless our layer creates one. */
function storageOf(k8s: readonly Json[], cluster: Cluster): Json[] {
  if (k8s.some(({ kind }) => kind === 'StorageClass')) return [];
  const made = cluster.kind === 'hetzner-k3s' ? cluster.kind : 'kind';
  return initialObjects(made, [storageClassOf(cluster)]).filter(({ kind }) => kind !== 'CustomResourceDefinition');
}

/** Namespaces, then accounts and what pods refer to, then the rest. */
function inOrder(objects: readonly Json[]): Json[] {
  const rank = ({ kind }: Json) => ['Namespace', 'ServiceAccount', 'ConfigMap', 'Secret', 'AppProject'].indexOf(kind);
  const late = (object: Json) => (rank(object) < 0 ? 9 : rank(object));
  return [...objects].sort((a, b) => late(a) - late(b));
}

/** A copy of `k8s` with its text rewritten, and a folder without manifests. */
function treeWith(folder: string, rewrite: (text: string) => string): string {
  mkdirSync(folder);
  execFileSync('cp', ['-R', join(ROOT, 'k8s'), folder]);
  for (const file of readdirSync(join(folder, 'k8s'), { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, 'k8s', file);
    if (statSync(path).isFile()) writeFileSync(path, rewrite(readFileSync(path, 'utf8')));
  }
  mkdirSync(join(folder, EMPTY));
  writeFileSync(join(folder, EMPTY, 'README.md'), 'Nothing to apply.\n');
  return folder;
}
