import { objectsOf } from '../../manifests/checks/render';
import { ENVIRONMENTS } from '../helpers/environments';
import { cleanUp, makeNamespaces, onServer, SERVER, served, server } from './environment';
import { APPLY, kubectl, mustKubectl } from './kubectl';

const production = ENVIRONMENTS.find(({ overlays }) => overlays.includes('infrastructure/arc-runners'));
const KINDS = ['Namespace', 'ServiceAccount', 'Role', 'RoleBinding'];
const objects = production ? objectsOf(production).filter(({ kind }) => KINDS.includes(kind)) : [];

const RUNNER = 'system:serviceaccount:arc-runners:runner';

beforeAll(async () => {
  if (!SERVER) return;
  await makeNamespaces(objects);
  mustKubectl(server().kubeconfig, APPLY, objects);
});
afterAll(() => (SERVER ? cleanUp(objects) : undefined));

const ALLOWED: readonly [namespace: string, verbs: string, resource: string][] = [
  ['default', 'get list watch', 'deployments.apps'],
  ['default', 'get list watch', 'statefulsets.apps'],
  ['default', 'get list', 'pods'],
  ['default', 'get list watch', 'events'],
  ['argocd', 'get list watch patch', 'applications.argoproj.io'],
];

/** kubectl asks about no kind that the server does not have; the setup says that its CRD is lacking. */
const APPLICATION = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' };
const isAsked = (resource: string) => !resource.endsWith('.argoproj.io') || !SERVER || served([APPLICATION]).length > 0;
const [asked, unasked] = [true, false].map((is) => ALLOWED.filter(([, , resource]) => isAsked(resource) === is));

if (unasked?.length) test.skip.each(unasked)('in %s a runner may %s %s, and no more', () => {});

onServer.each(asked ?? [])('in %s a runner may %s %s, and no more', (namespace, verbs, resource) => {
  const all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
  const may = all.filter((verb) => canI(RUNNER, namespace, verb, resource));
  expect(may.join(' ')).toBe(verbs);
});

onServer.each([
  ['default', 'get', 'secrets'],
  ['default', 'get', 'configmaps'],
  ['default', 'get', 'pods/log'],
  ['default', 'create', 'pods/exec'],
  ['default', 'patch', 'deployments.apps/scale'],
  ['default', 'get', 'replicasets.apps'],
  ['argocd', 'get', 'secrets'],
  ['argocd', 'get', 'appprojects.argoproj.io'],
  ['argocd', 'get', 'deployments.apps'],
  ['arc-runners', 'get', 'secrets'],
  ['arc-runners', 'create', 'pods'],
  ['kube-system', 'get', 'pods'],
  ['monitoring', 'get', 'pods'],
])('in %s a runner may not %s %s', (namespace, verb, resource) => {
  expect(canI(RUNNER, namespace, verb, resource)).toBe(false);
});

onServer.each(['default', 'argocd', 'arc-runners'])(
  'in %s the rules of a runner are those of its table',
  (namespace) => {
    const others = rules('system:serviceaccount:arc-runners:default', namespace);
    const own = rules(RUNNER, namespace).filter((rule) => !others.includes(rule));
    const wanted = ALLOWED.filter(([where]) => where === namespace);
    expect(own.sort()).toEqual(wanted.map(([, verbs, resource]) => `${resource} [${verbs}]`).sort());
  },
);

function canI(account: string, namespace: string, verb: string, resource: string): boolean {
  const [kind = '', subresource = ''] = resource.split('/');
  const of = ['auth', 'can-i', `--as=${account}`, `--namespace=${namespace}`, `--subresource=${subresource}`];
  const args = [...of, verb, kind];
  const { stdout } = kubectl(server().kubeconfig, args);
  const answer = stdout.trim();
  if (answer !== 'yes' && answer !== 'no') throw new Error(`kubectl auth can-i answered "${answer}"`);
  return answer === 'yes';
}

/** `resource [verbs]` of all that an account may do in a namespace. */
function rules(account: string, namespace: string): string[] {
  const args = ['auth', 'can-i', '--list', '--no-headers', `--as=${account}`, `--namespace=${namespace}`];
  const lines = mustKubectl(server().kubeconfig, args).trim().split('\n');
  return lines.map((line) => line.replace(/\s+\[\]\s+\[\]\s+/, ' ').trim());
}
