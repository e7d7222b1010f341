import { loadPlatform } from '../../../platforms/load';
import { type Drift, differs, findDrift, isClean } from '../../../terraform/drift/drift';
import { driftIssue } from '../../../terraform/drift/issue';
import { driftText } from '../../../terraform/drift/text';
import type { PlanJson } from '../../../terraform/plan';
import { expectGolden } from '../../helpers/golden';
import { fakeLayer, planJson, resourceChange } from '../../helpers/plans';
import { temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const THREADS = loadPlatform('threads', { restoreFile: 'absent.json' });
const NETWORK = { network_name: 'net' };

const vm = resourceChange('google_compute_instance.vm', {
  before: { labels: { team: 'intruder' }, metadata: { key: 'old' } },
  after: { labels: { team: 'web' }, metadata: { key: 'new' } },
  before_sensitive: { metadata: { key: true } },
  after_sensitive: { metadata: { key: true } },
});
const address = resourceChange('google_compute_address.node', { after: { name: 'node' } });
const schedule = resourceChange('google_compute_resource_policy.daily', { before: { keep: 14 }, after: { keep: 10 } });
/** Terraform also lists what nobody undoes: the users of an address. */
const users = resourceChange('google_compute_address.nat', { before: { users: [] }, after: { users: ['vm'] } });
const gone = resourceChange('google_compute_address.node', { before: { name: 'node' } });

const drifted = (json: PlanJson, ...resource_drift: NonNullable<PlanJson['resource_drift']>): PlanJson => ({
  ...json,
  resource_drift,
});
const DRIFTED = drifted(planJson(NETWORK, [vm, address, schedule]), vm, gone, users);

function driftOf(vpc: PlanJson | Error, asleep?: string): Promise<Drift> {
  return findDrift({
    platform: THREADS,
    env: 'prod',
    layers: [
      fakeLayer(folder, '00-vpc', vpc),
      fakeLayer(
        folder,
        '01-k8s',
        vpc instanceof Error || vpc === EMPTY ? new Error('no output') : planJson({ ns: 'a' }),
        {
          reads: { vpc: ['network_name'] },
        },
      ),
    ],
    neighbours: [],
    asleep,
    guards: { facts: { now: new Date(0) } },
  });
}

const EMPTY = planJson({}, [address], { network_name: { actions: ['create'], after: 'net' } });

test('what was changed or deleted outside is told apart from what nobody has applied, and from what nobody undoes', async () => {
  const { layers } = await driftOf(DRIFTED);
  expect(layers[0]).toMatchObject({
    outcome: 'examined',
    outside: [
      { kind: 'changed', undo: { address: 'google_compute_instance.vm' } },
      { kind: 'deleted', undo: { address: 'google_compute_address.node', action: 'create' } },
    ],
    pending: [{ address: 'google_compute_resource_policy.daily', action: 'update' }],
  });
  expect(layers[1]).toMatchObject({ outside: [], pending: [] });
});

test('only computed attributes that changed are no drift', async () => {
  const drift = await driftOf(drifted(planJson(NETWORK), users));
  expect([drift.layers.some(differs), isClean(drift)]).toEqual([false, true]);
});

test('an environment that is not deployed has no drift', async () => {
  const drift = await driftOf(EMPTY);
  expect(drift.layers.map(({ outcome }) => outcome)).toEqual(['not-deployed', 'not-deployed']);
  expect(isClean(drift)).toBe(true);
});

test('the layers of a sleeping cluster are unknown, which is not clean', async () => {
  const drift = await driftOf(planJson(NETWORK), 'vm is asleep until 09:00');
  expect(drift.layers.map(({ outcome }) => outcome)).toEqual(['examined', 'asleep']);
  expect([drift.layers.some(differs), isClean(drift)]).toEqual([false, false]);
});

test('a layer that cannot be planned says why', async () => {
  const drift = await driftOf(new Error('Error: quota\n  on cdk.tf.json line 3:\n   3: {\n'));
  expect(drift.layers[0]).toMatchObject({ outcome: 'failed', message: 'Error: quota\n' });
  expect(isClean(drift)).toBe(false);
});

test('a person reads what to do about it, and no secret', async () => {
  const drift = await driftOf(DRIFTED);
  const [text, issue] = [driftText(THREADS, drift), driftIssue(THREADS, drift)];
  expect(text).not.toMatch(/old|new/);
  expectGolden('drift/terminal.txt', `${text}\n`);
  expectGolden('drift/issue.md', `${issue}\n`);
});

test('a layer in the cluster is healed through the tunnel', async () => {
  const { layers, ...drift } = await driftOf(DRIFTED);
  const inCluster = { ...drift, layers: layers.map((one) => ({ ...one, layer: '01-k8s' as const })) };
  expect(driftText(THREADS, inCluster)).toContain(
    'heal:   npm run tunnel -- --platform threads prod npm run apply -- --platform threads --env prod --layer 01-k8s',
  );
});

test('an issue is never longer than GitHub accepts', async () => {
  const many = Array.from({ length: 3000 }, (_, index) =>
    resourceChange(`google_compute_address.address-${index}`, { before: { a: 1 }, after: { a: 2 } }),
  );
  const issue = driftIssue(THREADS, await driftOf(drifted(planJson(NETWORK, many), ...many)));
  expect(issue.length).toBeLessThanOrEqual(65_536);
  expect(issue).toMatch(/_Cut: `npm run drift` shows the rest\._$/);
});
