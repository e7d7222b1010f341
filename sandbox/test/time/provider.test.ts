import { timeProvider } from '../../time/provider';
import { Ground } from '../protocol/ground';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([timeProvider()]);
});

afterEach(() => ground.close());

test('time_sleep lets simulated time pass before what depends on it, and again when it is destroyed', async () => {
  const start = ground.world.clock.now();
  await ground.apply(`
    resource "time_sleep" "wait" {
      create_duration  = "90s"
      destroy_duration = "1.5h"
    }`);
  expect(ground.world.clock.now() - start).toBe(90_000);
  expect(await ground.isSettled()).toBe(true);
  await ground.passes('destroy', '-auto-approve');
  expect(ground.world.clock.now() - start).toBe(90_000 + 5_400_000);
});

test('time_sleep refuses what is no duration', async () => {
  ground.write('resource "time_sleep" "wait" { create_duration = "90" }');
  expect(await ground.fails('validate')).toContain('For example, "30s" for 30 seconds.');
});

test('time_offset counts months as calendars do, and follows a change in place', async () => {
  const hcl = (months: number) => `
    resource "time_offset" "renewal" {
      base_rfc3339  = "2026-01-31T12:00:00Z"
      offset_months = ${months}
    }
    output "renewal" { value = time_offset.renewal.rfc3339 }`;
  expect(await ground.apply(hcl(1))).toContain('renewal = "2026-03-03T12:00:00Z"');
  expect(await ground.apply(hcl(2))).toContain('1 changed');
  expect(await ground.state('time_offset.renewal')).toMatchObject({ month: 3, day: 31, unix: 1774958400 });
});

test('time_rotating is recreated once its rotation has passed', async () => {
  await ground.apply('resource "time_rotating" "key" { rotation_days = 30 }');
  expect(await ground.isSettled()).toBe(true);
  await ground.world.clock.advance(30 * 24 * 3600);
  expect(await ground.isSettled()).toBe(false);
});

test('time_static keeps the simulated moment of its creation', async () => {
  await ground.apply('resource "time_static" "now" {}');
  expect(await ground.state('time_static.now')).toMatchObject({ rfc3339: '2026-01-05T02:00:00Z', year: 2026 });
});
