import { affectedEnvironments } from '../../delivery/push-apply/changes';
import { loadPlatform } from '../../platforms/load';

const platform = loadPlatform('real-estate');
const affected = (...files: string[]) => affectedEnvironments(platform, files).map(({ env }) => env);

test('base changed and only one environment deployed: a shared file concerns every environment that CI applies to', () => {
  const all = Object.entries(platform.environments).flatMap(([env, { delivery }]) =>
    delivery.kind === 'push-apply' ? [env] : [],
  );
  expect(all.length).toBeGreaterThan(1);
  for (const file of ['base/postgres.statefulset.yaml', 'components/monitoring/kustomization.yaml'])
    expect(affected(`k8s/real-estate/${file}`)).toEqual(all);
  expect(affected('platforms/real-estate/deploy-control.yaml')).toEqual(all);
  expect(affected('k8s/real-estate/hetzner/test/kustomization.yaml')).toEqual(['test']);
  expect(affected('README.md')).toEqual([]);
});
