import { buildManifests } from '../../delivery/push-apply/apply';

const PATH = 'k8s/real-estate/hetzner/dev';

test('password placeholders applied as they are: nothing is built while one is left', async () => {
  await expect(buildManifests('.', PATH, {})).rejects.toThrow(/POSTGRES_SA_PASSWORD/);
  const values = {
    POSTGRES_SA_PASSWORD: 'a',
    ACCOUNT_SERVICE_DB_USER_PASSWORD: 'b',
    MESSAGING_SERVICE_DB_USER_PASSWORD: 'c',
  };
  await expect(buildManifests('.', PATH, values)).rejects.toThrow(/set a value for PROPERTY_SERVICE_DB_USER_PASSWORD$/);
  const { overlay } = await buildManifests('.', PATH, { ...values, PROPERTY_SERVICE_DB_USER_PASSWORD: 'd' });
  // The script in a ConfigMap looks for it.
  expect(overlay).not.toContain('password: StrongBase64Password');
});
