import { parseAllDocuments } from 'yaml';
import { fillTemplates } from '../../delivery/secret-templates';
import type { Json } from '../helpers/synth';
import { render } from '../k8s/checks/render';

const NAMES = ['POSTGRES_SA', 'ACCOUNT_SERVICE_DB_USER', 'MESSAGING_SERVICE_DB_USER', 'PROPERTY_SERVICE_DB_USER'];
const values = Object.fromEntries(NAMES.map((name) => [`${name}_PASSWORD`, `value: "of" ${name}`]));
const built = render('k8s/real-estate/podman/local');
const secrets = (text: string): Json[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter(({ kind }) => kind === 'Secret');

test('each template gets the value of its name and key, and nothing else changes', () => {
  const filled = fillTemplates(built, values);
  expect(secrets(filled).map(({ stringData }) => stringData.password)).toEqual(
    secrets(built).map(({ metadata }) => values[`${metadata.name}_PASSWORD`.replaceAll('-', '_').toUpperCase()]),
  );
  const others = (text: string) =>
    parseAllDocuments(text)
      .map((document) => document.toJS())
      .filter(({ kind }) => kind !== 'Secret');
  expect(others(filled)).toEqual(others(built));
});

test.each<[string, Record<string, string | undefined>]>([
  ['missing', { ...values, POSTGRES_SA_PASSWORD: undefined }],
  ['empty', { ...values, POSTGRES_SA_PASSWORD: '' }],
  ['the placeholder itself', { ...values, POSTGRES_SA_PASSWORD: 'StrongBase64Password' }],
])('a value that is %s is refused by its name, with exit code 3', (_, given) => {
  expect(() => fillTemplates(built, given)).toThrow(
    expect.objectContaining({
      message:
        'nothing is applied: Secrets still have the placeholder "StrongBase64Password"; give a value for POSTGRES_SA_PASSWORD',
      exitCode: 3,
    }),
  );
});

test('all that is missing is said at once', () => {
  const names = 'ACCOUNT_SERVICE_DB_USER_PASSWORD, MESSAGING_SERVICE_DB_USER_PASSWORD, POSTGRES_SA_PASSWORD, PROPERTY';
  expect(() => fillTemplates(built, {})).toThrow(names);
});
