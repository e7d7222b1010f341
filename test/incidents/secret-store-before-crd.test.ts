import { Ground } from './ground';

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open({ externalSecrets: false });
});
afterAll(() => ground.close());

test("a secret store before its CRD fails the sync with the API's own words", () => {
  expect(ground.status.operationState.message).toContain('Make sure the "SecretStore" CRD is installed');
  expect(ground.cluster.list('', 'Pod', 'threads')).toEqual([]);
});

test('the sync is retried, and succeeds once the operator runs', async () => {
  await ground.install('external-secrets', 'external-secrets-system');
  await ground.world.clock.advance(600);
  await ground.cluster.settled();
  expect(ground.status).toMatchObject({ sync: { status: 'Synced' }, health: { status: 'Healthy' } });
});
