import { ApiError } from '../../../kubernetes/api-server/api';
import type { Cluster } from '../../../kubernetes/api-server/cluster';
import type { KubernetesObject } from '../../../world';
import { deployment, object, startCluster, statefulSet } from '../ground';

let cluster: Cluster;
beforeAll(async () => {
  ({ cluster } = startCluster());
  await cluster.settled();
});

function refusal(change: () => unknown): string {
  try {
    change();
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.message}`;
    throw error;
  }
  return 'admitted';
}

const SERVICE = (name: string, nodePort: number) =>
  object('v1', 'Service', name, { spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] } });
const CLAIM = (storage: string, content: object = {}) =>
  object('v1', 'PersistentVolumeClaim', 'data', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...content },
  });

test.each<[string, KubernetesObject, string]>([
  [
    'a kind that is not defined',
    object('art.test/v1', 'Crayon', 'a'),
    '404 no matches for kind "Crayon" in version "art.test/v1"',
  ],
  [
    'a version that is not served',
    object('apps/v1beta1', 'Deployment', 'a'),
    '404 no matches for kind "Deployment" in version "apps/v1beta1"',
  ],
  [
    'a namespace that is not there',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'nowhere' } },
    '404 namespaces "nowhere" not found',
  ],
  [
    'a name in capitals',
    object('v1', 'ConfigMap', 'Big'),
    '422 ConfigMap "Big" is invalid: metadata.name: Invalid value: "Big": a lowercase RFC 1123 subdomain',
  ],
  [
    'a Service that begins with a digit',
    SERVICE('1a', 30100),
    '422 Service "1a" is invalid: metadata.name: Invalid value: "1a": a DNS-1035 label',
  ],
  [
    'a label with a space',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { team: 'a b' } } },
    '422 Namespace "a" is invalid: metadata.labels: Invalid value: "a b": a valid label',
  ],
  [
    'a selector that does not take its own pods',
    deployment({}, { selector: { matchLabels: { app: 'other' } } }),
    '422 Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    'a negative amount of memory',
    deployment({ resources: { limits: { memory: '-5Mi' } } }),
    'spec.template.spec.containers[0].resources.limits[memory]: Invalid value: "-5Mi": must be greater than or equal to 0',
  ],
  [
    'a node port out of range',
    SERVICE('a', 80),
    '422 Service "a" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
  [
    'a claim of no size',
    object('v1', 'PersistentVolumeClaim', 'a', { spec: { accessModes: ['ReadWriteOnce'] } }),
    '422 PersistentVolumeClaim "a" is invalid: spec.resources[storage]: Required value',
  ],
])('%s is refused', (_what, wanted, expected) => {
  expect(refusal(() => cluster.create(wanted))).toContain(expected);
});

test('a node port that is taken is refused, and the next free one is given out', () => {
  cluster.create(SERVICE('first', 30000));
  expect(refusal(() => cluster.create(SERVICE('second', 30000)))).toBe(
    '422 Service "second" is invalid: spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated',
  );
  const third = object('v1', 'Service', 'third', { spec: { type: 'NodePort', ports: [{ port: 80 }] } });
  expect(cluster.create(third)).toMatchObject({ spec: { ports: [{ nodePort: 30001, targetPort: 80 }] } });
});

describe('an existing object', () => {
  beforeAll(() => {
    cluster.create(deployment());
    cluster.create(statefulSet());
    cluster.create(CLAIM('2Gi', { storageClassName: 'slow' }));
    cluster.create(object('v1', 'ConfigMap', 'frozen', { data: { a: '1' }, immutable: true }));
    cluster.create(
      object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'who', { roleRef: { name: 'view' }, subjects: [] }),
    );
  });

  const other = { matchLabels: { app: 'web', tier: 'a' } };
  const selected = { ...deployment({}, { selector: other }) };
  (selected['spec'] as { template: { metadata: object } }).template.metadata = { labels: other.matchLabels };

  test.each<[string, KubernetesObject, string]>([
    [
      "a Deployment's selector",
      selected,
      '422 Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"a"}}: field is immutable',
    ],
    [
      "a StatefulSet's volume",
      statefulSet({}, { resources: { requests: { storage: '2Gi' } } }),
      '422 StatefulSet.apps "db" is invalid: spec: Forbidden: updates to statefulset spec for fields other than \'replicas\'',
    ],
    [
      "a claim's size, downwards",
      CLAIM('1Gi', { storageClassName: 'slow' }),
      '422 PersistentVolumeClaim "data" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than previous value',
    ],
    [
      "a claim's size, where its class cannot",
      CLAIM('3Gi', { storageClassName: 'slow' }),
      'only dynamically provisioned pvc can be resized',
    ],
    [
      "a claim's class",
      CLAIM('2Gi', { storageClassName: 'fast' }),
      '422 PersistentVolumeClaim "data" is invalid: spec: Forbidden: spec is immutable after creation',
    ],
    [
      "a frozen ConfigMap's data",
      object('v1', 'ConfigMap', 'frozen', { data: { a: '2' }, immutable: true }),
      '422 ConfigMap "frozen" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    ],
    [
      "a binding's role",
      object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'who', { roleRef: { name: 'edit' }, subjects: [] }),
      'cannot change roleRef',
    ],
  ])('keeps %s', (_what, wanted, expected) => {
    expect(refusal(() => cluster.apply(wanted))).toContain(expected);
  });

  test('takes what may change, and counts its generations', () => {
    expect(cluster.apply(deployment({ image: 'docker.io/library/nginx:2' })).metadata.generation).toBe(2);
    expect(cluster.apply(deployment({ image: 'docker.io/library/nginx:2' })).metadata.generation).toBe(2);
    expect(refusal(() => cluster.create(deployment()))).toBe('409 deployments.apps "web" already exists');
  });
});

describe('Pod Security', () => {
  const SAFE = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const pod = (namespace: string, securityContext: object, spec: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace },
    spec: { containers: [{ name: 'main', image: 'docker.io/library/nginx:1', securityContext }], ...spec },
  });
  beforeAll(async () => {
    for (const level of ['restricted', 'baseline', 'privileged']) {
      cluster.apply({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: level, labels: { 'pod-security.kubernetes.io/enforce': level } },
      });
    }
    await cluster.settled();
  });

  test.each<[string, string, object, object, string]>([
    [
      'restricted refuses a pod without a security context',
      'restricted',
      {},
      {},
      '403 pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ],
    ['restricted admits a safe pod', 'restricted', SAFE, {}, 'admitted'],
    [
      'restricted takes what the pod says for its containers',
      'restricted',
      { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } },
      'admitted',
    ],
    [
      'baseline refuses the host network',
      'baseline',
      {},
      { hostNetwork: true },
      'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    ],
    ...['baseline', 'restricted'].map((level): [string, string, object, object, string] => [
      `${level} refuses a privileged container`,
      level,
      { privileged: true },
      {},
      'privileged (container "main" must not set securityContext.privileged=true)',
    ]),
    [
      'baseline refuses host paths',
      'baseline',
      {},
      { volumes: [{ name: 'root', hostPath: { path: '/' } }] },
      'hostPath volumes (volume "root")',
    ],
    ['baseline admits root', 'baseline', {}, {}, 'admitted'],
    ['privileged admits everything', 'privileged', { privileged: true }, { hostPID: true }, 'admitted'],
  ])('%s', (_what, namespace, context, spec, expected) => {
    const outcome = refusal(() => cluster.create(pod(namespace, context, spec)));
    if (outcome === 'admitted') cluster.delete({ group: '', kind: 'Pod', namespace, name: 'p' });
    expect(outcome).toContain(expected);
  });

  test('a Deployment is admitted and shows that its pods are refused', async () => {
    cluster.apply({ ...deployment(), metadata: { name: 'web', namespace: 'restricted' } });
    await cluster.settled();
    const { status } = cluster.get({ group: 'apps', kind: 'Deployment', namespace: 'restricted', name: 'web' }) as {
      status?: object;
    };
    expect(status).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({
          type: 'ReplicaFailure',
          reason: 'FailedCreate',
          message: expect.stringContaining('violates PodSecurity'),
        }),
      ]),
    });
  });
});
