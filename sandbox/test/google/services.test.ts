import { googleProvider } from '../../google/provider';
import { addProject } from '../../google/services';
import { timeProvider } from '../../time/provider';
import { Ground } from '../protocol/ground';

const FIRST = ['cloudresourcemanager', 'serviceusage', 'cloudbilling'];
const NETWORK = 'resource "google_compute_network" "n" {\n  name = "n"';
const SERVICE =
  'resource "google_project_service" "s" {\n  service = "compute.googleapis.com"\n  disable_on_destroy = false\n}\n';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([googleProvider(), timeProvider()]);
});
afterEach(() => ground.close());

async function prepare(hcl: string): Promise<void> {
  ground.write(`provider "google" {\n  project = "p"\n  region  = "us-east1"\n}\n${hcl}`);
  await ground.passes('init');
}

test('the first plan in an empty project is refused: a data source is read at plan', async () => {
  addProject(ground.world, 'p', []);
  await prepare('data "google_project" "p" {}');
  expect(await ground.fails('plan')).toContain(
    'Error 403: cloudresourcemanager.googleapis.com has not been used in project',
  );
  addProject(ground.world, 'p', ['cloudresourcemanager']);
  expect(await ground.fails('plan')).toContain('Error 403: cloudbilling.googleapis.com has not been used');
  addProject(ground.world, 'p', ['cloudbilling']);
  await ground.passes('plan');
});

test('services are enabled by services: none is where these are not', async () => {
  addProject(ground.world, 'p', []);
  await prepare(SERVICE);
  expect(await ground.fails('apply', '-auto-approve')).toContain('serviceusage.googleapis.com has not been used');
});

test('what is created directly after its service was enabled is refused, and accepted later', async () => {
  addProject(ground.world, 'p', FIRST);
  await prepare(`${SERVICE}${NETWORK}\n  depends_on = [google_project_service.s]\n}`);
  const error = await ground.fails('apply', '-auto-approve');
  expect(error).toMatch(
    /compute\.googleapis\.com has not been used in project \d+ before or it is disabled.*SERVICE_DISABLED/,
  );
  await ground.world.clock.advance(60);
  await ground.passes('apply', '-auto-approve');
});

test('a time_sleep in between gives the service the time that it needs', async () => {
  addProject(ground.world, 'p', FIRST);
  const sleep =
    'resource "time_sleep" "t" {\n  create_duration = "60s"\n  depends_on = [google_project_service.s]\n}\n';
  await prepare(`${SERVICE}${sleep}${NETWORK}\n  depends_on = [time_sleep.t]\n}`);
  const before = ground.world.clock.now();
  await ground.passes('apply', '-auto-approve');
  expect((ground.world.clock.now() - before) / 1000).toBeGreaterThanOrEqual(60);
  expect(await ground.isSettled()).toBe(true);
});

test('a service that is enabled already is not enabled anew', async () => {
  addProject(ground.world, 'p', [...FIRST, 'compute']);
  await prepare(`${SERVICE}${NETWORK}\n  depends_on = [google_project_service.s]\n}`);
  await ground.passes('apply', '-auto-approve');
});

test('a project that was not added has every service', async () => {
  await prepare(`data "google_project" "p" {}\n${NETWORK}\n}`);
  await ground.passes('apply', '-auto-approve');
});
