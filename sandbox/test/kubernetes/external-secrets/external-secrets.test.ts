import { refOf } from '../../../kubernetes/api-server/reference';
import { charts } from '../../../kubernetes/charts/chart';
import { renderChart } from '../../../kubernetes/charts/render';
import type { SecretAnswer } from '../../../kubernetes/external-secrets/data';
import { externalSecrets } from '../../../kubernetes/external-secrets/external-secrets';
import type { KubernetesObject } from '../../../world';
import { FakeCluster } from '../../helm/fake-cluster';

let cluster: FakeCluster;
let values: Record<string, SecretAnswer>;

const store = (spec: object = {}): KubernetesObject => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ClusterSecretStore',
  metadata: { name: 'gcp' },
  spec: { provider: { gcpsm: { projectID: 'acme' } }, ...spec },
});

const secret = (spec: object = {}): KubernetesObject => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'db', namespace: 'threads' },
  spec: {
    secretStoreRef: { name: 'gcp', kind: 'ClusterSecretStore' },
    data: [{ secretKey: 'password', remoteRef: { key: 'db-password' } }],
    ...spec,
  },
});

function installOperator(): void {
  const chart = charts.find(({ name }) => name === 'external-secrets') as (typeof charts)[0];
  const { objects } = renderChart(chart, { name: 'external-secrets', namespace: 'eso' }, chart.values);
  for (const object of objects) cluster.apply(object);
}

const ready = (object = secret()) =>
  (cluster.get(refOf(object))?.['status'] as { conditions: Record<string, string>[] } | undefined)?.conditions[0];
const made = (name = 'db') => cluster.get({ group: '', kind: 'Secret', namespace: 'threads', name });
const data = (name?: string) =>
  Object.entries((made(name)?.['data'] ?? {}) as Record<string, string>).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString(),
  ]);

beforeEach(async () => {
  cluster = new FakeCluster();
  values = {
    'db-password': { value: 's3cret' },
    hollow: 'empty',
    app: { value: '{"user":{"name":"ann"},"port":5432}' },
  };
  cluster.controllers.push(externalSecrets((project, name) => (project === 'acme' && values[name]) || 'missing'));
  for (const name of ['eso', 'threads']) cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  installOperator();
  cluster.apply(store());
  await cluster.settled();
});

test('an ExternalSecret becomes a Secret that it owns, and carries the finalizer of its operator', async () => {
  cluster.apply(secret());
  await cluster.settled();
  expect(data()).toEqual([['password', 's3cret']]);
  expect(made()?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ExternalSecret', name: 'db' });
  expect(ready()).toMatchObject({ type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced' });
  expect(cluster.get(refOf(secret()))?.metadata.finalizers).toEqual([
    'externalsecrets.external-secrets.io/externalsecret-cleanup',
  ]);
});

test.each([
  [
    'an empty secret',
    'hollow',
    'secret projects/acme/secrets/hollow has no version latest: it is empty until its value is set',
  ],
  ['a missing secret', 'gone', 'secret projects/acme/secrets/gone does not exist; make it first'],
])('an ExternalSecret of %s says so, and no Secret appears', async (_, key, message) => {
  cluster.apply(secret({ data: [{ secretKey: 'password', remoteRef: { key } }] }));
  await cluster.settled();
  expect(made()).toBeUndefined();
  expect(ready()).toMatchObject({
    status: 'False',
    reason: 'SecretSyncedError',
    message: `could not get secret data from provider: error processing spec.data[0] (key: ${key}), err: ${message}`,
  });
});

test('a value that is set later arrives within a minute of simulated time', async () => {
  cluster.apply(secret({ data: [{ secretKey: 'password', remoteRef: { key: 'hollow' } }] }));
  await cluster.settled();
  values['hollow'] = { value: 'full' };
  await cluster.world.clock.advance(61);
  expect(data()).toEqual([['password', 'full']]);
});

test('a changed value arrives at the next refresh, not before', async () => {
  cluster.apply(secret({ refreshInterval: '10m' }));
  await cluster.settled();
  values['db-password'] = { value: 'changed' };
  await cluster.world.clock.advance(300);
  await cluster.settled();
  expect(data()).toEqual([['password', 's3cret']]);
  await cluster.world.clock.advance(400);
  expect(data()).toEqual([['password', 'changed']]);
});

test('properties, whole JSON objects and templates are filled in', async () => {
  const data_ = [{ secretKey: 'user', remoteRef: { key: 'app', property: 'user.name' } }];
  const template = { type: 'kubernetes.io/basic-auth', data: { url: 'pg://{{ .user }}:{{ .port | toString }}/' } };
  cluster.apply(secret({ data: data_, dataFrom: [{ extract: { key: 'app' } }], target: { name: 'dsn', template } }));
  await cluster.settled();
  expect(data('dsn')).toEqual([['url', 'pg://ann:5432/']]);
  expect(made('dsn')?.['type']).toBe('kubernetes.io/basic-auth');
});

test('a store that names its namespaces serves no other', async () => {
  cluster.apply(store({ conditions: [{ namespaces: ['other'] }] }));
  cluster.apply(secret());
  await cluster.settled();
  expect(ready()?.['message']).toContain(
    'using cluster store "gcp" is not allowed from namespace "threads": denied by spec.condition',
  );
});

test('a store of another provider is not ready, and says what the sandbox simulates', async () => {
  cluster.apply(store({ provider: { vault: {} } }));
  await cluster.settled();
  expect(ready(store())).toMatchObject({
    status: 'False',
    message: 'the sandbox simulates only the providers gcpsm and fake, got: vault',
  });
});

test('a federated store whose token is not for its provider is refused in the words of Google, and served once it is', async () => {
  const audience = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/clusters/providers/shop';
  const federated = (serviceAccountRef: object) =>
    store({
      provider: { gcpsm: { projectID: 'acme', auth: { workloadIdentityFederation: { audience, serviceAccountRef } } } },
    });
  cluster.apply(federated({ name: 'eso' }));
  cluster.apply(secret());
  await cluster.settled();
  expect(ready()).toMatchObject({
    status: 'False',
    message: expect.stringContaining(
      `The audience in ID Token [https://kubernetes.default.svc.cluster.local] does not match the expected audience ${audience}`,
    ),
  });
  cluster.apply(federated({ name: 'eso', audiences: [`https:${audience}`] }));
  await cluster.world.clock.advance(60);
  await cluster.settled();
  expect(data()).toEqual([['password', 's3cret']]);
});

test('a deleted ExternalSecret takes its Secret along, unless its policy is Orphan', async () => {
  cluster.apply(secret());
  cluster.apply({
    ...secret({ target: { creationPolicy: 'Orphan' } }),
    metadata: { name: 'kept', namespace: 'threads' },
  });
  await cluster.settled();
  for (const name of ['db', 'kept']) cluster.delete({ ...refOf(secret()), name });
  await cluster.settled();
  expect(made('db')).toBeUndefined();
  expect(made('kept')).toBeDefined();
});

test('without its operator an ExternalSecret stays Terminating, and its Secret stays', async () => {
  cluster.apply(secret());
  await cluster.settled();
  cluster.delete({ group: 'apps', kind: 'Deployment', namespace: 'eso', name: 'external-secrets' });
  cluster.delete(refOf(secret()));
  await cluster.settled();
  expect(cluster.get(refOf(secret()))?.metadata.deletionTimestamp).toBeDefined();
  expect(made()).toBeDefined();
  installOperator();
  await cluster.settled();
  expect(cluster.get(refOf(secret()))).toBeUndefined();
});
