import { PlatformError } from '../../platforms/problems';
import { definePlatform, environmentOf, imageRepository } from '../../platforms/schema';
import threads from '../../platforms/threads/platform';

type Path = readonly string[];

/** threads with one value put in, or taken out when it is undefined. */
function broken(changes: Readonly<Record<string, unknown>>) {
  const copy = structuredClone(threads) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) put(copy, path.split('.'), value);
  return copy as Parameters<typeof definePlatform>[0];
}

function put(object: Record<string, unknown>, [key = '', ...rest]: Path, value: unknown): void {
  if (rest.length > 0) put(object[key] as Record<string, unknown>, rest, value);
  else if (value === undefined) delete object[key];
  else object[key] = value;
}

function problemsOf(changes: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    definePlatform(broken(changes));
  } catch (error) {
    if (error instanceof PlatformError) return error.problems;
    throw error;
  }
  return [];
}

const cluster = 'environments.prod.cluster';

test('a platform that is valid comes back as it was described', () => {
  expect(definePlatform(broken({}))).toEqual(threads);
});

test.each<[string, unknown, string]>([
  ['google', undefined, 'google: missing; it must be an object'],
  ['google.project', 'short', 'google.project: got "short"; give the id of a Google project, 6 to 30 characters'],
  [
    'google.zone',
    'us-west1-b',
    'google.zone: got "us-west1-b"; the zone must lie in region "us-east1", such as "us-east1-b"',
  ],
  ['googel', {}, '(top): unknown key "googel"; did you mean "google"?'],
  ['google.colour', 'blue', 'google: unknown key "colour"; known are project, region, zone'],
  ['registry.kind', 'docker-hub', 'registry.kind: got "docker-hub"; it must be "artifact-registry"'],
  [
    'repository.path',
    'k8s/threads',
    'repository.path: got "k8s/threads"; give a path in the repository with "<env>" for the environment, such as "k8s/overlays/<env>"',
  ],
  [
    'state.prefix',
    '<env>/state',
    'state.prefix: got "<env>/state"; give a path with "<env>" and "<layer>", such as "threads/<env>/<layer>/state": two layers never share a state',
  ],
  ['services.nextjs.port', 0, 'services.nextjs.port: got 0; it must be at least 1'],
  ['services.nextjs.nodePort', 29_999, 'services.nextjs.nodePort: got 29999; it must be at least 30000'],
  ['services.nextjs.nodePort', 32_768, 'services.nextjs.nodePort: got 32768; it must be at most 32767'],
  [
    'services.nextjs.image',
    'nextjs:latest',
    'services.nextjs.image: got "nextjs:latest"; name an image without registry and tag',
  ],
  [
    'services.Next',
    { image: 'next', port: 1 },
    'services.Next: got "Next"; use lowercase letters, digits and single hyphens, beginning with a letter',
  ],
  ['secrets', 'none', 'secrets: got "none"; it must be a list'],
  [`${cluster}.kind`, 'k3s', `${cluster}.kind: got "k3s"; it must be "k0s-vm"`],
  [`${cluster}.spot`, 'yes', `${cluster}.spot: got "yes"; it must be true or false`],
  [
    `${cluster}.machineType`,
    't2a-standard-2',
    `${cluster}.machineType: got "t2a-standard-2"; name an amd64 machine type such as "e2-standard-2"`,
  ],
  [
    `${cluster}.disk.type`,
    'tape',
    `${cluster}.disk.type: got "tape"; it must be "pd-standard" or "pd-balanced" or "pd-ssd"`,
  ],
  [
    `${cluster}.disk.image`,
    'debian-cloud/debian-13',
    `${cluster}.disk.image: got "debian-cloud/debian-13"; name one image, "projects/PROJECT/global/images/IMAGE", not a family`,
  ],
  [
    `${cluster}.k0s.sha256`,
    'abc',
    `${cluster}.k0s.sha256: got "abc"; give 64 hexadecimal digits, as in the release's sha256sums.txt`,
  ],
  [
    `${cluster}.network.cidr`,
    '10.10.0.1/24',
    `${cluster}.network.cidr: got "10.10.0.1/24"; give an IPv4 range without host bits, such as "10.10.0.0/24"`,
  ],
  [
    `${cluster}.network.address`,
    '10.10.0.1',
    `${cluster}.network.address: got "10.10.0.1"; it must be an address in 10.10.0.0/24 that Google does not keep for itself`,
  ],
  [
    `${cluster}.network.address`,
    '10.11.0.10',
    `${cluster}.network.address: got "10.11.0.10"; it must be an address in 10.10.0.0/24 that Google does not keep for itself`,
  ],
])('%s = %j is refused', (path, value, message) => {
  expect(problemsOf({ [path]: value })).toEqual([message]);
});

test('a name that becomes too long for Google is shown', () => {
  expect(problemsOf({ name: 'a-platform-with-a-name' })).toEqual([]);
  expect(problemsOf({ name: 'a-platform-with-a-name1' })).toEqual([
    'environments.prod: got "prod"; name "a-platform-with-a-name1-prod-vm" has 31 characters, Google allows 30; ' +
      "shorten the platform's or the environment's name",
  ]);
});

test('all problems are said at once', () => {
  const changes = { 'google.region': 1, [`${cluster}.disk.sizeGb`]: 10.5, repository: undefined };
  expect(() => definePlatform(broken(changes))).toThrow(
    'platform "threads" is not valid:\n' +
      '  google.region: got 1; it must be a text\n' +
      '  repository: missing; it must be an object\n' +
      `  ${cluster}.disk.sizeGb: got 10.5; it must be a whole number`,
  );
});

test('an unknown environment is an error that names the known ones, never production', () => {
  expect(environmentOf(threads, 'prod')).toBe(threads.environments['prod']);
  for (const env of ['production', 'constructor']) {
    expect(() => environmentOf(threads, env)).toThrow(
      `environment "${env}" of platform "threads" is not valid:\n  there is none of that name; known are prod`,
    );
  }
});

test("an own image lies in the platform's registry", () => {
  expect(imageRepository(threads, 'nextjs')).toBe('us-east1-docker.pkg.dev/web-service-design/threads/nextjs');
});
