import { deployment, object, statefulSet, template } from '../../sandbox/test/kubernetes/ground';
import type { Json } from '../helpers/synth';

const service = (spec: object) => object('v1', 'Service', 'web', { spec });
const config = (metadata: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default', ...metadata },
});
const claim = (spec: object) =>
  object('v1', 'PersistentVolumeClaim', 'data', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
const binding = (content: object) =>
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'a', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    ...content,
  });
const selectorOf = (app: string) => ({ selector: { matchLabels: { app } } });

/** What the API server refuses by itself, one fact each, and what it does not. */
export const FAULTS: Readonly<Record<string, Json>> = {
  'nothing wrong with a Deployment': deployment(),
  'nothing wrong with a StatefulSet': statefulSet(),
  'a field that is not there': deployment({ imagePullPolice: 'Always' }),
  'a word for a number': deployment({}, { replicas: 'two' }),
  'a pull policy that is not there': deployment({ imagePullPolicy: 'Sometimes' }),
  'a kind that nobody defines': object('art.test/v1', 'Crayon', 'a'),
  'a version of old': object('apps/v1beta1', 'Deployment', 'a'),
  'a namespace that is not there': config({ namespace: 'nowhere' }),
  'a name in capitals': config({ name: 'Big' }),
  'a Service whose name begins with a digit': {
    ...service({ ports: [{ port: 80 }] }),
    metadata: { name: '1a', namespace: 'default' },
  },
  'a label with a space': config({ labels: { team: 'a b' } }),
  'a label key with a space': config({ labels: { 'a b': 'team' } }),
  'a number as an annotation': config({ annotations: { wave: 1 } }),
  'a container without an image': deployment({ image: undefined }),
  'a container without a name': deployment({ name: undefined }),
  'a container name with a capital': deployment({ name: 'Main' }),
  'no container': deployment({}, {}, { containers: [] }),
  'two containers of one name': deployment(
    {},
    {},
    {
      containers: [
        { name: 'a', image: 'a' },
        { name: 'a', image: 'b' },
      ],
    },
  ),
  'a selector that matches other pods': deployment({}, selectorOf('other')),
  'no selector': deployment({}, { selector: undefined }),
  'a mount without a volume': deployment({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
  'two volumes of one name': deployment(
    {},
    {},
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'a', emptyDir: {} },
      ],
    },
  ),
  'a request above its limit': deployment({ resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }),
  'a quantity that is none': deployment({ resources: { limits: { memory: '1 GB' } } }),
  'negative replicas': deployment({}, { replicas: -1 }),
  'a probe of nothing': deployment({ readinessProbe: { periodSeconds: 5 } }),
  'a port beyond the last': deployment({ ports: [{ containerPort: 70000 }] }),
  'a port name that is too long': deployment({ ports: [{ containerPort: 80, name: 'a-very-long-port-name' }] }),
  'a variable without a name': deployment({ env: [{ value: 'a' }] }),
  'a Service without ports': service({}),
  'two ports without names': service({ ports: [{ port: 80 }, { port: 81 }] }),
  'a node port out of range': service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
  'a type of Service that is not there': service({ type: 'Public', ports: [{ port: 80 }] }),
  'a claim without an access mode': claim({ accessModes: [] }),
  'a claim without a size': claim({ resources: {} }),
  'a restart policy that a Deployment has not': deployment({}, {}, { restartPolicy: 'Never' }),
  'a service account that is not there': deployment({}, {}, { serviceAccountName: 'nobody' }),
  'a budget with two rules': object('policy/v1', 'PodDisruptionBudget', 'a', {
    spec: { ...selectorOf('web'), minAvailable: 1, maxUnavailable: 1 },
  }),
  'a NetworkPolicy of a network that is none': object('networking.k8s.io/v1', 'NetworkPolicy', 'a', {
    spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/40' } }] }] },
  }),
  'a schedule that is none': object('batch/v1', 'CronJob', 'a', {
    spec: {
      schedule: 'daily',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } },
      },
    },
  }),
  'a Job whose pods never end': object('batch/v1', 'Job', 'a', { spec: { template: template() } }),
  'a key of a ConfigMap with a slash': { ...config({}), data: { 'a/b': '1' } },
  'a Secret that is not base64': {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a', namespace: 'default' },
    data: { a: '*' },
  },
  'a Role without verbs': object('rbac.authorization.k8s.io/v1', 'Role', 'a', {
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: [] }],
  }),
  'a binding of a kind of role that is not there': binding({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Rolle', name: 'reader' },
  }),
  'a subject that is none': binding({ subjects: [{ kind: 'Robot', name: 'a' }] }),
  'a claim with an access mode that is not there': claim({ accessModes: ['ReadWriteTwice'] }),
  'a claim with a volume mode that is not there': claim({ volumeMode: 'Tape' }),
  'a TLS Secret without its certificate': object('v1', 'Secret', 'a', {
    type: 'kubernetes.io/tls',
    data: { 'tls.key': 'YQ==' },
  }),
  'a protocol that is not there': service({ ports: [{ port: 80, protocol: 'HTTP' }] }),
  'a protocol of a container that is not there': deployment({ ports: [{ containerPort: 80, protocol: 'HTTP' }] }),
  'a session affinity that is not there': service({ sessionAffinity: 'Sticky', ports: [{ port: 80 }] }),
  'a strategy that is not there': deployment({}, { strategy: { type: 'BlueGreen' } }),
  'a policy type that is not there': object('networking.k8s.io/v1', 'NetworkPolicy', 'a', {
    spec: { podSelector: {}, policyTypes: ['Sideways'] },
  }),
  'a reclaim policy that is not there': {
    ...object('storage.k8s.io/v1', 'StorageClass', 'a', { provisioner: 'a.test/b', reclaimPolicy: 'Burn' }),
    metadata: { name: 'a' },
  },
  'a text where a flag belongs': deployment({ tty: 'yes' }),
  'an object where a list belongs': deployment({ args: { a: 1 } }),
};
