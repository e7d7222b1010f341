import { parseAllDocuments } from 'yaml';
import { fillTemplates } from '../../delivery/secret-templates';
import { render } from '../../manifests/checks/render';
import { loadPlatform } from '../../platforms/load';
import { settingName } from '../../platforms/schema/github-settings';
import type { Json } from '../helpers/synth';

const NAMES = loadPlatform('real-estate').secrets.map(settingName);
const values = Object.fromEntries(NAMES.map((name) => [name, `value: "of" ${name}`]));
const built = render('k8s/real-estate/podman/local');
const secrets = (text: string): Json[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter(({ kind }) => kind === 'Secret');

const nameOfValue = ({ metadata }: Json): string => `${metadata.name}_PASSWORD`.replaceAll('-', '_').toUpperCase();

test('each template gets the value of its name and key, and nothing else changes', () => {
  const filled = fillTemplates(built, values);
  expect(secrets(filled).map(({ stringData }) => stringData.password)).toEqual(
    secrets(built).map(({ metadata }) => values[nameOfValue({ metadata })]),
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
        'nothing was applied: Secrets still contain the placeholder "StrongBase64Password"; set a value for POSTGRES_SA_PASSWORD',
      exitCode: 3,
    }),
  );
});

test('all that is missing is said at once', () => {
  const names = secrets(built).map(nameOfValue);
  expect(names.length).toBeGreaterThan(1);
  expect(() => fillTemplates(built, {})).toThrow(`set a value for ${names.join(', ')}`);
});

test('a placeholder that no value would replace is refused where it is', () => {
  const secret = (fields: string) => `kind: Secret\nmetadata: { name: db }\n${fields}\n`;
  for (const fields of [
    'data: { password: StrongBase64Password }',
    'stringData: { url: "pg://u:StrongBase64Password@db" }',
  ])
    expect(() => fillTemplates(secret(fields), {})).toThrow(
      expect.objectContaining({
        message:
          'nothing was applied: the placeholder "StrongBase64Password" is in a place where it is not replaced: Secret db; ' +
          'use it only as a whole value in `stringData` of a Secret',
        exitCode: 3,
      }),
    );
});
