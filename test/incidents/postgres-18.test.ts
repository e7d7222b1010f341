import { Ground } from './ground';

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());

const ready = () => ground.find('StatefulSet', 'postgres', 'apps').status.readyReplicas;

test('PostgreSQL 18 starts on the volume where the base mounts it', () => {
  expect(ready()).toBe(1);
});

test('PostgreSQL 18 refuses its old mount path, and its pod says so', async () => {
  const { kustomization } = ground;
  const path = '/spec/template/spec/containers/0/volumeMounts/0/mountPath';
  const patch = JSON.stringify([{ op: 'replace', path, value: '/var/lib/postgresql/data' }]);
  const patches = [...kustomization.patches, { target: { kind: 'StatefulSet', name: 'postgres' }, patch }];
  await ground.push({ 'kustomization.yaml': { ...kustomization, patches } });
  expect(ground.problems()).toEqual([expect.stringContaining('Error: in 18+')]);
  expect(ground.status.health.status).not.toBe('Healthy');
});
