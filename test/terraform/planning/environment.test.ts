import { planEnvironment } from '../../../terraform/planning/environment';
import { fakeLayer, planJson, resourceChange } from '../../helpers/plans';
import { temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const READS = { vpc: ['network_name', 'zone'] };
const NETWORK = { network_name: 'net', zone: 'us-east1-b' };

const layers = (
  vpc: Parameters<typeof fakeLayer>[2],
  k8s: Parameters<typeof fakeLayer>[2] = planJson({ ns: 'argocd' }),
) => [
  fakeLayer(folder, '00-vpc', vpc),
  fakeLayer(folder, '01-k8s', k8s, { reads: READS }),
  fakeLayer(folder, '02-argocd-app', planJson({ app: 'threads' }), { reads: { k8s: ['ns'] } }),
];

const plans = async (...args: Parameters<typeof planEnvironment>) =>
  (await planEnvironment(...args)).map(({ plan }) => plan);

test('layers whose earlier ones are applied and do not change are all planned', async () => {
  expect((await plans(layers(planJson(NETWORK)))).map(({ outcome }) => outcome)).toEqual([
    'planned',
    'planned',
    'planned',
  ]);
});

test('a layer waits for one that is not applied, names the outputs, and lists what it describes; later layers wait for it', async () => {
  const created = { network_name: { actions: ['create'] as const }, zone: { actions: ['create'] as const } };
  const unreadable = new Error('Unsupported attribute');
  const [, k8s, app] = await plans(layers(planJson({}, [], created), unreadable));
  expect(k8s).toEqual({
    layer: '01-k8s',
    stack: 'k8s-prod',
    outcome: 'waiting',
    for: '00-vpc',
    outputs: ['network_name', 'zone'],
    resources: ['kubernetes_manifest.one'],
  });
  expect(app).toMatchObject({ outcome: 'waiting', for: '01-k8s', outputs: ['ns'] });
});

test('a layer waits for an output that will change, and for no other', async () => {
  const changed = { zone: { actions: ['update'] as const, before: 'us-east1-b', after: 'us-east1-c' } };
  const [vpc, k8s] = await plans(layers(planJson(NETWORK, [], changed)));
  expect(vpc).toMatchObject({ outputs: [{ name: 'zone', action: 'update', readers: ['01-k8s'] }] });
  expect(k8s).toMatchObject({ outcome: 'waiting', for: '00-vpc', outputs: ['zone'] });
});

test('a layer that failed is said to have failed, and who reads it waits', async () => {
  const [vpc, k8s] = await plans(layers(new Error('Error: quota')));
  expect(vpc).toMatchObject({ outcome: 'failed', message: 'Error: quota' });
  expect(k8s).toMatchObject({ outcome: 'waiting', for: '00-vpc' });
});

test('the layers of a sleeping cluster are not planned', async () => {
  const asleep = 'vm is asleep until 09:00';
  expect((await plans(layers(planJson(NETWORK)), { asleep })).map(({ outcome }) => outcome)).toEqual([
    'planned',
    'asleep',
    'waiting',
  ]);
});

test('an attribute that forces a replacement is named, and sensitive values are masked at every depth', async () => {
  const replaced = resourceChange('google_compute_instance.vm', {
    before: { zone: 'us-east1-b', metadata: { key: 'old' } },
    after: { zone: 'us-east1-c', metadata: { key: 'new' } },
    replaced: ['zone'],
  });
  const updated = resourceChange('kubernetes_secret.token', {
    before: { data: { a: 'hunter2', b: 'x' }, list: [{ password: 'hunter2' }], whole: { deep: 'hunter2' } },
    after: { data: { a: 'hunter3', b: 'y' }, list: [{ password: 'hunter3' }], whole: { deep: 'hunter3' } },
    before_sensitive: { data: { a: true }, list: [{ password: true }], whole: true },
    after_sensitive: { data: { a: true }, list: [{ password: true }], whole: true },
    after_unknown: { etag: true },
  });
  const [vpc] = await plans([fakeLayer(folder, '00-vpc', planJson({ a: 1 }, [replaced, updated]))]);
  expect(vpc).toMatchObject({
    changes: [
      { action: 'replace', attributes: [{ path: 'zone', before: 'us-east1-b', after: 'us-east1-c' }] },
      {
        action: 'update',
        attributes: [
          { path: 'data.a', before: '(sensitive)', after: '(sensitive)' },
          { path: 'data.b', before: 'x', after: 'y' },
          { path: 'list[0].password', before: '(sensitive)', after: '(sensitive)' },
          { path: 'whole.deep', before: '(sensitive)', after: '(sensitive)' },
        ],
      },
    ],
  });
  expect(JSON.stringify(vpc)).not.toContain('hunter');
});

test('a list that holds something sensitive and changes its length is masked as a whole', async () => {
  const change = resourceChange('a.b', {
    before: { env: [{ value: 'hunter2' }] },
    after: { env: [{ value: 'hunter2' }, { value: 'more' }] },
    before_sensitive: { env: [{ value: true }] },
    after_sensitive: { env: [{ value: true }, {}] },
  });
  const [vpc] = await plans([fakeLayer(folder, '00-vpc', planJson({ a: 1 }, [change]))]);
  expect(vpc).toMatchObject({
    changes: [{ attributes: [{ path: 'env', before: '(sensitive)', after: '(sensitive)' }] }],
  });
});
