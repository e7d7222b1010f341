import { ApiError } from '../../kubernetes/api-server/api';
import type { Cluster } from '../../kubernetes/api-server/cluster';
import { charts } from '../../kubernetes/charts/chart';
import { definitionOf } from '../../kubernetes/charts/definition';
import type { KubernetesObject } from '../../world';
import { deployment, object, startCluster } from './ground';

let cluster: Cluster;
beforeAll(async () => {
  ({ cluster } = startCluster());
  for (const kind of charts.flatMap(({ crds }) => crds?.kinds ?? [])) cluster.apply(definitionOf(kind));
  cluster.apply(CRAYON);
  await cluster.settled();
});

/** A definition that a user brings, with a schema. */
const CRAYON: KubernetesObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crayons.art.test' },
  spec: {
    group: 'art.test',
    scope: 'Namespaced',
    names: { kind: 'Crayon', plural: 'crayons' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['colour'],
                properties: {
                  colour: { type: 'string', enum: ['red', 'blue'] },
                  length: { type: 'integer', minimum: 1 },
                  tips: { type: 'array', maxItems: 1, items: { type: 'string', pattern: '^[a-z]+$' } },
                  notes: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const crayon = (spec: object) => object('art.test/v1', 'Crayon', 'one', { spec });
const secret = (content: object) => object('v1', 'Secret', 'one', content);
const binding = (content: object) =>
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'one', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    ...content,
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

test.each<[string, KubernetesObject, string]>([
  [
    'an unknown field, named by the keys of its list',
    deployment({ imagePullPolice: 'Always' }),
    '500 failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="main"].imagePullPolice: field not declared in schema',
  ],
  [
    'a text for a number',
    deployment({}, { replicas: 'two' }),
    '.spec.replicas: expected numeric (int or float), got string',
  ],
  [
    'a number for a text',
    { ...object('v1', 'ConfigMap', 'one'), data: { port: 8080 } },
    '500 failed to create typed patch object (default/one; /v1, Kind=ConfigMap): .data.port: expected string, got &value.valueUnstructured{Value:8080}',
  ],
  [
    'an unknown field of a custom resource of a chart',
    object('external-secrets.io/v1', 'ExternalSecret', 'one', { spec: { refreshIntervl: '1h' } }),
    '.spec.refreshIntervl: field not declared in schema',
  ],
  [
    'an unknown label of metadata of a custom resource',
    { ...crayon({ colour: 'red' }), metadata: { name: 'one', namespace: 'default', label: {} } },
    '.metadata.label: field not declared in schema',
  ],
  ['a missing field', crayon({}), '422 Crayon.art.test "one" is invalid: spec.colour: Required value'],
  [
    'another value',
    crayon({ colour: 'green' }),
    'spec.colour: Unsupported value: "green": supported values: "red", "blue"',
  ],
  [
    'a number below its minimum',
    crayon({ colour: 'red', length: 0 }),
    'spec.length: Invalid value: 0: spec.length in body should be greater than or equal to 1',
  ],
  [
    'a text that a pattern does not match',
    crayon({ colour: 'red', tips: ['1'] }),
    `spec.tips[0]: Invalid value: "1": spec.tips[0] in body should match '^[a-z]+$'`,
  ],
  [
    'too many elements',
    crayon({ colour: 'red', tips: ['a', 'b'] }),
    'spec.tips: Too many: 2: must have at most 1 item',
  ],
  [
    'a TLS secret without its certificate',
    secret({ type: 'kubernetes.io/tls', data: { 'tls.key': 'YQ==' } }),
    '422 Secret "one" is invalid: data[tls.crt]: Required value',
  ],
  [
    'a binding of an unknown kind of role',
    binding({ roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Rolle', name: 'reader' } }),
    'roleRef.kind: Unsupported value: "Rolle": supported values: "Role", "ClusterRole"',
  ],
  [
    'an unknown access mode',
    object('v1', 'PersistentVolumeClaim', 'one', {
      spec: { accessModes: ['ReadWriteTwice'], resources: { requests: { storage: '1Gi' } } },
    }),
    'spec.accessModes: Unsupported value: "ReadWriteTwice": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ],
  [
    'an unknown protocol',
    object('v1', 'Service', 'one', { spec: { ports: [{ port: 80, protocol: 'HTTP' }] } }),
    'spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
  ],
])('the API server refuses %s', (_what, wrong, message) => {
  expect(refusal(() => cluster.preview(wrong))).toContain(message);
});

test('what a schema leaves open is admitted', () => {
  expect(refusal(() => cluster.preview(crayon({ colour: 'blue', notes: { any: { thing: 1 } } })))).toBe('admitted');
});

test('a client that sends a whole object is told what could not be decoded', () => {
  expect(refusal(() => cluster.create(deployment({ imagePullPolice: 'Always' })))).toBe(
    '400 Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].imagePullPolice"',
  );
  expect(refusal(() => cluster.create(deployment({}, { replicas: 'two' })))).toBe(
    '400 Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  );
  expect(refusal(() => cluster.create(crayon({ colour: 1 })))).toBe(
    '422 Crayon.art.test "one" is invalid: spec.colour: Invalid value: "number": spec.colour in body must be of type string: "number"',
  );
});
