import type { Cluster } from '../../../kubernetes/api-server/cluster';
import { METADATA_SERVER, reaches } from '../../../kubernetes/api-server/network-policy';
import type { Pod } from '../../../kubernetes/api-server/pod';
import { object, startCluster } from '../ground';

let cluster: Cluster;
beforeEach(() => {
  ({ cluster } = startCluster());
});

const pod = (labels: Record<string, string> = {}, spec: object = {}) =>
  ({ ...object('v1', 'Pod', 'pod', { spec }), metadata: { name: 'pod', namespace: 'default', labels } }) as Pod;
const policy = (name: string, spec: object) =>
  cluster.apply(object('networking.k8s.io/v1', 'NetworkPolicy', name, { spec }));
const toAllBut = (...except: string[]) => [
  { to: [{ namespaceSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0', except } }] },
];

test.each([
  ['no policy', undefined, true],
  ['a policy for what comes in', { podSelector: {}, policyTypes: ['Ingress'] }, true],
  ['a policy that lets nothing out', { podSelector: {}, policyTypes: ['Egress'] }, false],
  ['a rule to everywhere', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }, true],
  ['a rule to pods', { podSelector: {}, egress: [{ to: [{ namespaceSelector: {} }] }] }, false],
  ['a rule to all but that address', { podSelector: {}, egress: toAllBut('169.254.169.254/32') }, false],
  ['a rule to all but its network', { podSelector: {}, egress: toAllBut('169.254.0.0/16') }, false],
  ['a rule to all but another address', { podSelector: {}, egress: toAllBut('169.254.1.1/32') }, true],
  ['a policy for other pods', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] }, true],
])('with %s', (_, spec, expected) => {
  if (spec) policy('policy', spec);
  expect(reaches(cluster, pod(), METADATA_SERVER)).toBe(expected);
});

test('what one policy allows no other takes away', () => {
  policy('closed', { podSelector: {}, policyTypes: ['Egress'] });
  policy('open', { podSelector: { matchLabels: { app: 'web' } }, egress: [{}] });
  expect(reaches(cluster, pod({ app: 'web' }), METADATA_SERVER)).toBe(true);
  expect(reaches(cluster, pod(), METADATA_SERVER)).toBe(false);
});

test('a pod on the network of the node is held by no policy', () => {
  policy('closed', { podSelector: {}, policyTypes: ['Egress'] });
  expect(reaches(cluster, pod({}, { hostNetwork: true }), METADATA_SERVER)).toBe(true);
});
