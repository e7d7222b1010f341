import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RegistryClient } from '../../../clients/registry';
import { approvalPath } from '../../../delivery/gate/approvals';
import { MemoryRefStore } from '../../../delivery/git/memory-ref-store';
import { ship } from '../../../delivery/ship/ship';
import { Timeline } from '../../../delivery/ship/timeline';
import type { DeliveryTools } from '../../../delivery/ship/tools';
import { loadPlatform } from '../../../platforms/load';
import { TestRegistry } from '../../helpers/registry';
import { temporaryFolder } from '../../helpers/synth';
import { FakeCluster, JumpingClock, workload } from '../rollout/fake-cluster';

const IMAGE = 'ghcr.io/techtorque-2025/time-logging';
const OVERLAY = 'k8s/techtorque/overlays/prod';
const [GOOD, BAD] = ['main-aaaaaaa', 'main-bbbbbbb'];
const folder = temporaryFolder();
const registry = new TestRegistry();
beforeAll(() => registry.open());
afterAll(() => registry.close());

/** A config repository in memory, whose commits can be checked out. */
class Store extends MemoryRefStore {
  async checkout(commit: string): Promise<string> {
    for (const file of ['kustomization.yaml', 'web.yaml']) {
      const path = join(folder, commit, OVERLAY, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, (await this.file(commit, `${OVERLAY}/${file}`)) ?? '');
    }
    return join(folder, commit);
  }

  async resolve(revision: string): Promise<string> {
    return revision;
  }
}

/** A cluster that follows the head of the branch at every look; pods of the bad tag never get ready. */
async function scene(rollbackOnFailure: boolean) {
  const store = new Store();
  const clock = new JumpingClock();
  const cluster = new FakeCluster({ pods: { items: [] }, events: { items: [] } });
  const control = readFileSync('platforms/techtorque/deploy-control.yaml', 'utf8');
  const approval = { platform: 'techtorque', environment: 'prod', service: 'time-logging', version: BAD };
  const deployment = workload('Deployment', IMAGE);
  const head = await store.commit({
    author: { name: 'Ann', email: 'ann@example.com' },
    date: clock.date(),
    message: 'first',
    files: new Map([
      [`${OVERLAY}/kustomization.yaml`, `resources: [web.yaml]\nimages:\n  - name: ${IMAGE}\n    newTag: ${GOOD}\n`],
      [`${OVERLAY}/web.yaml`, JSON.stringify({ apiVersion: 'apps/v1', ...deployment, status: undefined })],
      [
        'platforms/techtorque/deploy-control.yaml',
        control.replaceAll(/rollback_on_failure: \w+/g, `rollback_on_failure: ${rollbackOnFailure}`),
      ],
      [approvalPath(approval), JSON.stringify({ ...approval, expires: '2027-01-01T00:00:00Z' })],
    ]),
  });
  store.refs.set('refs/heads/main', head);
  const follow = async () => {
    const revision = store.refs.get('refs/heads/main') ?? '';
    const tag = /newTag: (\S+)/.exec((await store.file(revision, `${OVERLAY}/kustomization.yaml`)) ?? '')?.[1];
    const ready = tag === GOOD ? 1 : 0;
    cluster.objects['application/techtorque-services-prod'] = {
      status: { sync: { status: 'Synced', revision }, health: { status: ready ? 'Healthy' : 'Progressing' } },
    };
    cluster.objects['deployment/web'] = workload('Deployment', `${IMAGE}:${tag}`, { availableReplicas: ready });
  };
  await follow();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    await follow();
  };
  const said: string[] = [];
  const tools: DeliveryTools = {
    platform: loadPlatform('techtorque'),
    env: 'prod',
    store,
    clock,
    registry: new RegistryClient({ endpoint: registry.endpoint, credentials: async () => undefined }),
    signal: new AbortController().signal,
    report: (line) => said.push(line),
    kubectl: () => cluster,
    history: async () => ({ find: async (commit) => commit, descends: async (commit) => commit === BAD.slice(5) }),
    now: async () => clock.date(),
  };
  for (const tag of [GOOD, BAD]) registry.pushIndex('techtorque-2025/time-logging', tag, ['linux/amd64']);
  const timeline = new Timeline(clock);
  const request = { service: 'time-logging', tag: BAD, source: '.', trigger: 'manual' } as const;
  const shipped = ship(tools, request, timeline);
  const overlay = async () =>
    (await store.file(store.refs.get('refs/heads/main') ?? '', `${OVERLAY}/kustomization.yaml`)) ?? '';
  return { shipped, timeline, store, overlay };
}

test('a rollout that never becomes ready is taken back to the tag before it, pinned, and still is a failure', async () => {
  const { shipped, timeline, store, overlay } = await scene(true);
  await expect(shipped).rejects.toThrow(
    'rollout failed: deployment/web: 0 of 1 pods are ready after 600 s\n' +
      `time-logging is back at ${GOOD} and pinned there; once it is fixed: npm run tag -- unpin --env prod --service time-logging`,
  );
  expect(timeline.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'gate ok',
    'registry ok',
    'tag ok',
    'rollout failed',
    'roll back ok',
    'rollout ok',
  ]);
  expect(await overlay()).toContain(`newTag: ${GOOD}`);
  const pins = await store.file(store.refs.get('refs/heads/main') ?? '', `${OVERLAY}/pins.yaml`);
  expect(pins).toContain(`the rollout of ${BAD} failed`);
});

test('where deploy-control.yaml does not ask for it, the tag stays as it was written', async () => {
  const { shipped, timeline, overlay } = await scene(false);
  await expect(shipped).rejects.toThrow('rollout failed: deployment/web: 0 of 1 pods are ready after 600 s');
  expect(timeline.steps.at(-1)).toMatchObject({ name: 'rollout', outcome: 'failed' });
  expect(await overlay()).toContain(`newTag: ${BAD}`);
});
