import { kustomize } from '../../clients/kubectl';
import { fillTemplates } from '../../delivery/secret-templates';

test('password placeholders applied as they are: nothing is built while one is left', async () => {
  const built = await kustomize('k8s/real-estate/hetzner/dev');
  const values = {
    POSTGRES_SA_PASSWORD: 'a',
    ACCOUNT_SERVICE_DB_USER_PASSWORD: 'b',
    MESSAGING_SERVICE_DB_USER_PASSWORD: 'c',
  };
  expect(() => fillTemplates(built, {})).toThrow(/POSTGRES_SA_PASSWORD/);
  expect(() => fillTemplates(built, values)).toThrow(/set a value for PROPERTY_SERVICE_DB_USER_PASSWORD$/);
  const filled = fillTemplates(built, { ...values, PROPERTY_SERVICE_DB_USER_PASSWORD: 'd' });
  // The script in a ConfigMap looks for the placeholder.
  expect(built).toContain('password: StrongBase64Password');
  expect(filled).not.toContain('password: StrongBase64Password');
}, 60_000);
