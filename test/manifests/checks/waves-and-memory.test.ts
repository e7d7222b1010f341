import { memory } from '../../../manifests/checks/memory';
import type { Environment } from '../../../manifests/checks/problem';
import { waves } from '../../../manifests/checks/waves';
import { loadPlatform } from '../../../platforms/load';
import type { Json } from '../../helpers/synth';

const environment = (platform: string, env: string): Environment => ({
  ...{ root: '.', platform, env, provider: 'gcp', storageClasses: [], overlays: [] },
  description: loadPlatform(platform),
});
const prod = environment('threads', 'prod');

function object(kind: string, name: string, wave: number, spec: Json = {}): Json {
  const annotations = { 'argocd.argoproj.io/sync-wave': String(wave) };
  const metadata = { name, annotations, ...(kind !== 'Namespace' && { namespace: 'shop' }) };
  return { apiVersion: 'v1', kind, metadata, spec };
}

const pod = (requests: string, more: Json = {}): Json => ({
  replicas: 1,
  template: { spec: { containers: [{ name: 'app', resources: { requests: { memory: requests } }, ...more }] } },
});

const SOUND = {
  namespace: -3,
  store: -2,
  secret: -1,
  claim: 0,
  database: 0,
};

function tree(changes: Partial<typeof SOUND> = {}): Json[] {
  const at = { ...SOUND, ...changes };
  const database = pod('256Mi', { env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'password', key: 'p' } } }] });
  database.template.spec.volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  return [
    object('Namespace', 'shop', at.namespace),
    object('SecretStore', 'store', at.store),
    object('ExternalSecret', 'password', at.secret, {
      secretStoreRef: { name: 'store' },
      target: { name: 'password' },
    }),
    object('PersistentVolumeClaim', 'data', at.claim),
    object('StatefulSet', 'database', at.database, database),
  ];
}

const wrong = (objects: readonly Json[], where = prod) =>
  waves(objects, where).map((found) => `${found.object.kind}: ${found.wrong}; ${found.fix}`);

test('an order in which nothing waits for a later wave is accepted', () => {
  expect(wrong(tree())).toEqual([]);
  expect(wrong(tree({ claim: 1 }))).toEqual([]);
});

test.each<[string, Partial<typeof SOUND>, string]>([
  [
    'a Namespace after its objects',
    { namespace: -1 },
    'SecretStore: got -2, and it needs Namespace/shop of wave -1; use -1',
  ],
  [
    'a store after its secrets',
    { store: 0 },
    'ExternalSecret: got -1, and it needs SecretStore/shop/store of wave 0; use 0',
  ],
  [
    'a secret after its reader',
    { secret: 1 },
    'StatefulSet: got 0, and it needs ExternalSecret/shop/password of wave 1',
  ],
  [
    'a claim before the pod that binds it',
    { claim: -1 },
    'PersistentVolumeClaim: got -1, and StatefulSet/shop/database of wave 0 binds it; use 0, or a later wave',
  ],
])('%s is refused', (_, changes, problem) => {
  expect(wrong(tree(changes)).join('\n')).toContain(problem);
});

test('waves mean nothing where CI applies', () => {
  expect(wrong(tree({ namespace: 5 }), environment('real-estate', 'prod'))).toEqual([]);
});

test('requests that the machine has no memory for are refused, and a job counts while it runs', () => {
  const web = object('Deployment', 'web', 0, pod('3Gi'));
  const job = object('CronJob', 'dump', 0, { jobTemplate: { spec: pod('2Gi') } });
  expect(memory([web], prod)).toEqual([]);
  expect(memory([web, job], prod)).toEqual([]);
  const many = object('Deployment', 'web', 0, { ...pod('3Gi'), replicas: 2 });
  expect(memory([many], prod)).toMatchObject([
    { wrong: 'all pods request 6144 MiB of memory, and e2-standard-2 has 5120 MiB for them' },
  ]);
  expect(memory([object('Deployment', 'web', 0, pod('4Gi')), job], prod)).toHaveLength(1);
  expect(memory([many], environment('threads', 'local'))).toEqual([]);
});

test('a pod whose limit exceeds the memory of the machine is refused, whatever it requests', () => {
  const container = (memory: string) => ({ resources: { requests: { memory: '64Mi' }, limits: { memory } } });
  const web = (...containers: object[]) => object('Deployment', 'web', 0, { template: { spec: { containers } } });
  expect(memory([web(container('5Gi'))], prod)).toEqual([]);
  expect(memory([web(container('5Gi'), container('1Mi'))], prod)).toMatchObject([
    { wrong: 'the pod may use 5121 MiB of memory, and e2-standard-2 has 5120 MiB for all pods' },
  ]);
});
