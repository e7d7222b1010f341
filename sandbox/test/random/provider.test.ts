import { randomProvider } from '../../random/provider';
import { Ground } from '../protocol/ground';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([randomProvider()]);
});

afterEach(() => ground.close());

test('a password has what it must have, stays the same, and is never printed', async () => {
  const shown = await ground.apply(`
    resource "random_password" "db" {
      length      = 24
      min_numeric = 3
      min_special = 2
      override_special = "_-"
    }
    output "length" { value = nonsensitive(length(random_password.db.result)) }`);
  const { result, ...others } = await ground.state('random_password.db');
  expect(String(result)).toMatch(/^[A-Za-z0-9_-]{24}$/);
  expect(String(result).replace(/[^0-9]/g, '').length).toBeGreaterThanOrEqual(3);
  expect(String(result).replace(/[^_-]/g, '').length).toBeGreaterThanOrEqual(2);
  expect(others).toMatchObject({ id: 'none', lower: true, special: true, min_lower: 0 });
  expect(shown).not.toContain(String(result));
  expect(await ground.isSettled()).toBe(true);
});

test('without lower case and special characters there are none', async () => {
  await ground.apply('resource "random_string" "id" {\n length = 40\n special = false\n lower = false\n}');
  expect((await ground.state('random_string.id'))['result']).toMatch(/^[A-Z0-9]{40}$/);
});

test('an id has its bytes in every form, with the prefix', async () => {
  await ground.apply('resource "random_id" "bucket" {\n byte_length = 4\n prefix = "data-"\n}');
  const { id, hex, dec, b64_url } = await ground.state('random_id.bucket');
  const bytes = Buffer.from(String(id), 'base64url');
  expect({ hex, dec, b64_url }).toEqual({
    hex: `data-${bytes.toString('hex')}`,
    dec: `data-${bytes.readUInt32BE()}`,
    b64_url: `data-${id}`,
  });
});

test('other keepers draw anew', async () => {
  const hcl = (keeper: string) => `resource "random_uuid" "run" { keepers = { of = "${keeper}" } }`;
  await ground.apply(hcl('one'));
  const { result } = await ground.state('random_uuid.run');
  expect(await ground.apply(hcl('two'))).toContain('must be replaced');
  expect((await ground.state('random_uuid.run'))['result']).not.toBe(result);
});

test('a number is in its range, a shuffle has the same elements, a pet has so many words', async () => {
  await ground.apply(`
    resource "random_integer" "port" {
      min = 8000
      max = 8001
    }
    resource "random_shuffle" "zones" { input = ["a", "b", "c"] }
    resource "random_pet" "name" { length = 3 }
    resource "random_bytes" "key" { length = 32 }`);
  expect([8000, 8001]).toContain((await ground.state('random_integer.port'))['result']);
  expect([...((await ground.state('random_shuffle.zones'))['result'] as string[])].sort()).toEqual(['a', 'b', 'c']);
  expect(String((await ground.state('random_pet.name'))['id']).split('-')).toHaveLength(3);
  expect(String((await ground.state('random_bytes.key'))['hex'])).toMatch(/^[0-9a-f]{64}$/);
});
