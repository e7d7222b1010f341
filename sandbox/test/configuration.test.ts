import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admits, lacksOf } from '../configuration';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

function lacks(files: Record<string, string>): string[] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const found = lacksOf(folder);
  for (const name of Object.keys(files)) rmSync(join(folder, name));
  return found;
}

test('a type that is not simulated is named, and that it is not the provider that lacks it', () => {
  expect(
    lacks({ 'main.tf': 'resource "google_bigquery_dataset" "c" {}\nresource "google_compute_disk" "d" {}' }),
  ).toEqual([
    'the sandbox does not simulate google_bigquery_dataset, although its provider has it; --types lists the types that it simulates',
  ]);
});

test('a provider that is not simulated is named once', () => {
  const [lack, ...others] = lacks({ 'main.tf': 'data "archive_file" "a" {}\n  resource "archive_file" "b" {}' });
  expect(lack).toContain('the sandbox does not simulate the provider archive: terraform init cannot fetch it');
  expect(others).toEqual([]);
});

test.each([
  [
    'main.tf',
    'terraform {\n required_providers {\n  google = {\n   source  = "hashicorp/google"\n   version = "~> 4.0"\n  }\n }\n}',
  ],
  ['main.tf.json', '{"terraform":{"required_providers":{"google":{"source":"hashicorp/google","version":"~> 4.0"}}}}'],
])('another version of a provider is named: %s', (file, text) => {
  expect(lacks({ [file]: text })).toEqual([
    expect.stringMatching(
      /^the configuration requires hashicorp\/google ~> 4\.0, but the sandbox simulates 6\.\d+\.\d+$/,
    ),
  ]);
});

test('what is simulated, and what is built into terraform, lacks nothing', () => {
  const text = 'resource "terraform_data" "x" {}\nresource "time_sleep" "y" {}\nresource "random_id" "z" {}';
  expect(lacks({ 'main.tf': text })).toEqual([]);
});

test.each([
  ['6.50.0', '6.50.0', true],
  ['= 6.50.0', '6.50.1', false],
  ['~> 6.1', '6.50.0', true],
  ['~> 6.1', '7.0.0', false],
  ['~> 6.50.0', '6.51.0', false],
  ['~> 6.51', '6.50.0', false],
  ['>= 4, < 7', '6.50.0', true],
  ['>= 4, < 6', '6.50.0', false],
  ['!= 6.50.0', '6.50.0', false],
  ['> 6.50.0', '6.50.0', false],
  ['<= 6.50.0', '6.50.0', true],
  ['99.9.9', '6.50.0', false],
])('%s and version %s: %s', (constraint, version, is) => {
  expect(admits(constraint, version)).toBe(is);
});
