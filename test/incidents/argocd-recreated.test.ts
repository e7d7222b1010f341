import { Ground } from './ground';

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());

const pods = () => ground.cluster.list('', 'Pod', 'threads').map(({ metadata }) => [metadata.name, metadata.uid]);

test('Argo CD made anew takes over what runs: the same pods, and no second ones', async () => {
  const before = pods();
  expect(before).toHaveLength(4);
  await ground.remove(ground.application());
  await ground.remove({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
  expect(ground.find('Namespace', 'argocd', '', '')).toBeUndefined();
  await ground.install('argo-cd', 'argocd');
  await ground.follow();
  expect(ground.status.sync.status).toBe('Synced');
  expect(pods()).toEqual(before);
});
