import { Ground } from './ground';

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open({ password: null });
});
afterAll(() => ground.close());

test('a secret without a value is said by its ExternalSecret, and no placeholder takes its place', () => {
  const { status } = ground.find('ExternalSecret', 'postgres', 'external-secrets.io');
  expect(status.conditions[0]).toMatchObject({ type: 'Ready', status: 'False' });
  expect(JSON.stringify(status.conditions)).toContain('threads-prod-postgres-password');
  expect(ground.find('Secret', 'postgres')).toBeUndefined();
  expect(ground.status.health.status).not.toBe('Healthy');
});

test('the database starts with the value that somebody sets, and with no other', async () => {
  ground.setPassword('open sesame');
  await ground.world.clock.advance(600);
  await ground.cluster.settled();
  const { password } = ground.find('Secret', 'postgres').data;
  expect(Buffer.from(password, 'base64').toString()).toBe('open sesame');
  expect(ground.find('StatefulSet', 'postgres', 'apps').status.readyReplicas).toBe(1);
});
