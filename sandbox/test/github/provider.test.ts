import { githubProvider } from '../../github/provider';
import { Ground } from '../protocol/ground';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([githubProvider()]);
});

afterEach(() => ground.close());

const PROVIDER = 'terraform {\n required_providers {\n github = {\n source = "integrations/github"\n }\n }\n}\n';
const write = (hcl: string) => ground.write(PROVIDER + hcl);
const apply = (hcl: string) => ground.apply(PROVIDER + hcl);

const web = (name: string) => `
  resource "github_repository" "web" {
    name       = "${name}"
    visibility = "private"
  }
  resource "github_actions_variable" "region" {
    repository    = github_repository.web.name
    variable_name = "REGION"
    value         = "us-east1"
  }`;

test('a repository is renamed in place, and what is in it follows', async () => {
  await apply(web('web'));
  expect(await apply(web('shop'))).toContain('0 added, 2 changed, 0 destroyed');
  expect(await ground.isSettled()).toBe(true);
  expect(ground.world.list('github_actions_variable')).toMatchObject([{ values: { repository: 'shop' } }]);
});

test('a name that is free again may be taken, and one that is taken may not', async () => {
  await apply(web('web'));
  await apply(web('shop'));
  await apply(`${web('shop')}\n resource "github_repository" "other" { name = "web" }`);
  write(`${web('shop')}\n resource "github_repository" "third" { name = "shop" }`);
  expect(await ground.fails('apply', '-auto-approve')).toContain('POST shop: 422 already exists');
});

test.each([
  [
    'resource "github_repository" "r" {\n name = "my repo"\n}',
    'invalid value for name (must include only alphanumeric',
  ],
  ['resource "github_repository" "r" {\n name = "r"\n visibility = "secret"\n}', 'expected visibility to be one of'],
  ['resource "github_repository" "r" {\n name = "r"\n topics = ["Web Shop"]\n}', 'invalid value for topics'],
  [
    'resource "github_actions_secret" "s" {\n repository = "r"\n secret_name = "1ST"\n plaintext_value = "x"\n}',
    'secret names can only contain alphanumeric characters',
  ],
  [
    'resource "github_actions_secret" "s" {\n repository = "r"\n secret_name = "S"\n plaintext_value = "x"\n encrypted_value = "eA=="\n}',
    '"encrypted_value": conflicts with plaintext_value',
  ],
  [
    'resource "github_repository_environment" "e" {\n repository = "r"\n environment = "prod"\n wait_timer = 50000\n}',
    'expected wait_timer to be in the range (0 - 43200), got 50000',
  ],
])('%j is refused at plan', async (hcl, message) => {
  write(hcl);
  expect(await ground.fails('plan')).toContain(message);
});

test('a secret is never printed, and is imported by its repository and name', async () => {
  const hcl = `
    resource "github_repository" "r" { name = "r" }
    resource "github_actions_secret" "s" {
      repository      = github_repository.r.name
      secret_name     = "TOKEN"
      plaintext_value = "hush"
    }`;
  expect(await apply(hcl)).not.toContain('hush');
  await ground.passes('state', 'rm', 'github_repository.r');
  await ground.passes('import', 'github_repository.r', 'r');
});
