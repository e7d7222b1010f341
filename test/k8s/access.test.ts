import { instancesOf, podsOf, selects } from '../../manifests/checks/pods';
import { objectsOf } from '../../manifests/checks/render';
import type { Json } from '../../manifests/json';
import { ENVIRONMENTS } from '../helpers/environments';

const all = ENVIRONMENTS.map((environment): [string, Json[]] => [
  `${environment.platform} ${environment.env} (${environment.overlays.join(', ')})`,
  objectsOf(environment),
]);
const ofKind = (objects: readonly Json[], kind: string) => objects.filter((object) => object.kind === kind);

test.each(all)('only selected pods or namespaces reach a database of %s', (_, objects) => {
  const servers = [
    ...instancesOf(objects),
    ...podsOf(objects).filter(
      ({ serves, spec }) => serves && spec.containers.some(({ image }: Json) => /\/(postgres|postgis):/.test(image)),
    ),
  ];
  for (const server of servers) {
    const policies = ofKind(objects, 'NetworkPolicy').filter(
      ({ metadata, spec }) => metadata.namespace === server.namespace && selects(spec.podSelector, server.labels),
    );
    const peers = policies.flatMap(({ spec }) => (spec.ingress ?? []).map(({ from }: Json) => from ?? [{}])).flat();
    for (const { podSelector, namespaceSelector, ipBlock } of peers) {
      expect(ipBlock).toBeUndefined();
      expect({ ...podSelector, ...namespaceSelector }).not.toEqual({});
    }
  }
});

test.each(all)('no superuser of PostgreSQL connects over the network in %s', (_, objects) => {
  for (const { spec } of objects.filter(({ apiVersion, kind }) => kind === 'Cluster' && /^postgresql/.test(apiVersion)))
    expect(spec.enableSuperuserAccess).toBe(false);
});

test.each(all)('an old backup alerts within two days in %s', (_, objects) => {
  const rules = ofKind(objects, 'PrometheusRule').flatMap(({ spec }) =>
    spec.groups.flatMap((group: Json) => group.rules),
  );
  for (const { alert, expr } of rules.filter(({ alert }: Json) => alert === 'PostgresBackupTooOld')) {
    const [, hours] = /> (\d+) \* 3600$/.exec(expr) ?? [];
    expect({ alert, hours: Number(hours) <= 48 }).toEqual({ alert, hours: true });
  }
});

test('there is a database, a Cluster and a backup alert to check', () => {
  const objects = all.flatMap(([, found]) => found);
  expect(instancesOf(objects).length).toBeGreaterThan(0);
  expect(ofKind(objects, 'PrometheusRule').length).toBeGreaterThan(0);
  expect(podsOf(objects).filter(({ serves }) => serves).length).toBeGreaterThan(0);
});
