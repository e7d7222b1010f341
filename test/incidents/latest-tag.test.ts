import { imageDifferences } from '../../delivery/rollout/workload';
import { tagProblem } from '../../manifests/checks/images';
import { loadPlatform } from '../../platforms/load';
import { workload } from '../delivery/rollout/fake-cluster';

test.each([
  ['threads', 'us-east1-docker.pkg.dev/web-service-design/threads/nextjs'],
  ['todo-platform', 'docker.io/curiosinauts/scottseotech-homer'],
  ['techtorque', 'ghcr.io/techtorque-2025/admin'],
  ['real-estate', 'docker.io/postgis/postgis'],
])(':latest not pulled again: no tree of %s may have it', (platform, repository) => {
  expect(tagProblem(loadPlatform(platform), 'prod', repository, 'latest')?.[0]).toContain('"latest"');
});

test(':latest not pulled again: a workload that was set to it differs from Git', () => {
  const wanted = workload('Deployment', 'reg/web:8caff6f');
  expect(imageDifferences(wanted, workload('Deployment', 'reg/web:latest'))).toEqual([
    'deployment/web: wants reg/web:8caff6f, has reg/web:latest',
  ]);
});
