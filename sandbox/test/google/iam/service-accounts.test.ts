import { serviceAccount } from '../../../google/iam/service-accounts';
import { googleProvider } from '../../../google/provider';
import { Ground } from '../../protocol/ground';

const EMAIL = 'builder@some-project.iam.gserviceaccount.com';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([googleProvider()]);
});
afterEach(() => ground.close());

test.each([
  [`projects/some-project/serviceAccounts/${EMAIL}`, '1 to import'],
  [EMAIL, '1 to import'],
  ['projects/some-project/serviceAccounts/builder', 'Cannot import non-existent remote object'],
  ['builder', 'Cannot import non-existent remote object'],
])('a service account is imported by its e-mail address alone: %s', async (id, expected) => {
  const context = { world: ground.world, provider: { project: 'some-project' }, home: '' };
  await serviceAccount.create({ account_id: 'builder', display_name: 'builds' }, context);
  ground.write(`provider "google" {
  project = "some-project"
}
import {
  to = google_service_account.a
  id = "${id}"
}
resource "google_service_account" "a" {
  account_id   = "builder"
  display_name = "builds"
}
`);
  await ground.passes('init');
  const { stdout, stderr } = await ground.run('plan');
  expect(`${stdout}${stderr}`.replace(/[\s│]+/g, ' ')).toContain(expected);
});
