import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { controlPath, readControl } from '../../../delivery/gate/control';
import { render } from '../../../manifests/checks/render';
import { platformFrom, sourceOf } from '../../../manifests/description';
import { newService, type ServiceRequest } from '../../../manifests/scaffold/new-service';
import { Tree } from '../../../manifests/scaffold/tree';
import { loadPlatform } from '../../../platforms/load';
import { copiedTree, problemsIn } from '../../helpers/copied-tree';
import { ENVIRONMENTS } from '../../helpers/environments';

const read = ({ root }: Tree, path: string) => readFileSync(join(root, path), 'utf8');

function added(platform: string, ...requests: readonly ServiceRequest[]): Tree {
  const tree = copiedTree();
  for (const request of requests) newService(tree, platform, request);
  tree.save();
  return tree;
}

test.each<[string, readonly ServiceRequest[]]>([
  [
    'threads',
    [
      { name: 'trial-report', port: 8100 },
      { name: 'trial-search', port: 8101, database: true, health: '/healthz', commit: '4f2a91c', replicas: 2 },
    ],
  ],
  [
    'todo-platform',
    [
      { name: 'trial-report', port: 8083 },
      { name: 'trial-search', port: 8084, image: 'trial-index', database: true, commit: '4f2a91c', replicas: 2 },
    ],
  ],
  [
    'techtorque',
    [
      { name: 'trial-billing', port: 8093, database: true },
      { name: 'trial-accounting', port: 8094, image: 'trial-accounts', health: '/up', commit: '4f2a91c', replicas: 2 },
      { name: 'trial-work-orders', port: 8095, health: '/up', database: true },
    ],
  ],
])('new services of %s pass every check', (platform, requests) => {
  const tree = added(platform, ...requests);
  expect(problemsIn(tree, platform)).toEqual([]);
  const described = platformFrom(platform, read(tree, sourceOf(platform)));
  expect(() => readControl(described, read(tree, controlPath(platform)))).not.toThrow();
  const { services } = described;
  for (const { name, port, image = name } of requests) expect(services[name]).toMatchObject({ image, port });
  const policies = tree.files('k8s').filter((file) => /trial-[^/]*\.networkpolicy\.yaml$/.test(file));
  // Its services share one policy.
  if (platform !== 'techtorque') expect(policies).toHaveLength(requests.length);
  for (const file of policies) {
    const peers = parse(read(tree, file)).spec.ingress.flatMap(({ from }: { from: object[] }) => from);
    // Pods of the same namespace only.
    for (const peer of peers) expect(Object.keys(peer)).toEqual(['podSelector']);
  }
});

test('lists keep comments and order, and no other byte changes', () => {
  const before = copiedTree();
  const after = added('techtorque', { name: 'trial-billing', port: 8093, database: true });
  for (const path of before.files('k8s/techtorque').filter((one) => !one.includes('trial-billing'))) {
    const lines = read(after, path).split('\n');
    const old = read(before, path).split('\n');
    expect(lines.filter((line) => old.includes(line))).toEqual(expect.arrayContaining(old));
  }
  const { resources } = parse(read(after, 'k8s/techtorque/base/kustomization.yaml'));
  const deployed = Object.keys(platformFrom('techtorque', read(after, sourceOf('techtorque'))).services).sort();
  const kinds = deployed.flatMap((name) => [`${name}.deployment.yaml`, `${name}.service.yaml`]);
  expect(resources.filter((file: string) => kinds.includes(file))).toEqual(
    kinds.filter((file) => resources.includes(file)),
  );
  const databases = read(after, 'k8s/techtorque/base/postgres.databases')
    .split('\n')
    .filter((line) => /^\w/.test(line));
  expect(databases).toContain('trial_billing trial_billing');
  expect(databases).toEqual(databases.toSorted());
});

test('a service that shares an image runs with the tag that it has', () => {
  const tree = added('threads', { name: 'trial-worker', port: 8083, image: 'nextjs' });
  const text = render('k8s/threads/overlays/prod', tree.root);
  expect(text).toMatch(/image: (\S+\/nextjs:[0-9a-f]{7})\n.*image: \1\n/s);
  const [worker] = parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'trial-worker');
  expect(worker.spec.replicas).toBe(1);
});

test('a service without an image runs nowhere, and a placeholder that would run is refused', () => {
  const tree = added('todo-platform', { name: 'trial-report', port: 8083 });
  const overlay = 'k8s/todo-platform/applications/trial-report/overlays/prod';
  expect(render(overlay, tree.root)).toMatch(/replicas: 0\n/);
  tree.edit(`${overlay}/kustomization.yaml`, (text) => text.replace('count: 0', 'count: 1'));
  tree.save();
  expect(problemsIn(tree, 'todo-platform')).toEqual([
    'k8s/todo-platform/applications/trial-report/base/trial-report.deployment.yaml: Deployment/default/trial-report spec.template.spec.containers[0].image: tag "0000000" is a placeholder, and spec.replicas is 1; set the tag of an existing image, or set 0 in `replicas` of the overlay',
  ]);
});

test('prints the remaining steps for a new service', () => {
  const environments = Object.keys(loadPlatform('techtorque').environments);
  expect(newService(copiedTree(), 'techtorque', { name: 'trial-billing', port: 8093, database: true })).toEqual([
    'tell whoever calls it, in their .env: http://trial-billing:8093',
    ...environments.map((env) => `npm run secret -- set postgres-trial-billing --platform techtorque --env ${env}`),
    'once an image is in the registry, write its tag to `images` of each overlay and take trial-billing out of `replicas`',
    'UPDATE_GOLDENS=1 npx jest test/k8s, and read the difference',
  ]);
});

const report = { name: 'trial-report', port: 8100 };

test.each<[string, ServiceRequest, string]>([
  [
    'threads',
    { ...report, name: 'nextjs' },
    'name: got "nextjs"; it already exists in platforms/threads/platform.ts; choose another name',
  ],
  [
    'threads',
    { ...report, name: 'Trial' },
    'name: got "Trial"; use lowercase letters, digits and single hyphens, beginning with a letter',
  ],
  [
    'threads',
    { ...report, name: 'true' },
    'name: got "true"; choose another name: YAML 1.1 does not read this one as a string',
  ],
  [
    'threads',
    { ...report, name: 'a'.repeat(64) },
    `name: got "${'a'.repeat(64)}"; use at most 63 characters, as Kubernetes allows`,
  ],
  [
    'threads',
    { ...report, name: 'cloudflared' },
    'name: got "cloudflared"; the trees already have objects of that name; choose another name',
  ],
  ['threads', { ...report, port: 0 }, 'port: got 0; give a whole number from 1 to 65535'],
  ['threads', { ...report, port: 65_536 }, 'port: got 65536; give a whole number from 1 to 65535'],
  [
    'threads',
    { ...report, commit: '0000000' },
    'commit: got "0000000"; give a commit: its first 7 characters, such as 4f2a91c, or all 40',
  ],
  [
    'threads',
    { ...report, replicas: 2 },
    'replicas: got 2; a service without an image has none, add the --commit that one was built from',
  ],
  [
    'threads',
    { ...report, image: 'nextjs', commit: '4f2a91c' },
    'commit: got "4f2a91c"; image "nextjs" has a tag in each overlay, leave it out',
  ],
  ['threads', { ...report, replicas: 0 }, 'replicas: got 0; give a whole number from 1 to 20'],
  [
    'threads',
    { ...report, commit: '4f2a91c', replicas: 1e9 },
    'replicas: got 1000000000; give a whole number from 1 to 20',
  ],
  [
    'threads',
    { ...report, image: 'docker.io/library/redis' },
    'image: got "docker.io/library/redis"; use an own image, such as "trial-report": an upstream image needs specific users, volumes and probes',
  ],
  [
    'threads',
    { ...report, image: 'trial-report:latest' },
    'image: got "trial-report:latest"; use an own image, such as "trial-report", without a tag',
  ],
  ['threads', { ...report, health: 'up' }, 'health: got "up"; give a path such as "/health"'],
  [
    'real-estate',
    report,
    'the platform has no own images, since its registry is "upstream"; add a workload with an upstream image by hand',
  ],
])('%s with %j is refused, and nothing is written', (platform, request, problem) => {
  const tree = copiedTree();
  const subject = `service "${request.name}" of platform "${platform}"`;
  expect(() => newService(tree, platform, request)).toThrow(new Error(`${subject} is not valid:\n  ${problem}`));
  expect(tree.changes()).toEqual([]);
});

test('refuses an unknown platform, and does not overwrite a file', () => {
  const tree = copiedTree();
  const known = [...new Set(ENVIRONMENTS.map(({ platform }) => platform))].sort();
  expect(() => newService(tree, 'shop', report)).toThrow(
    new Error(`unknown platform "shop"; expected one of ${known.join(', ')}`),
  );
  tree.write('k8s/threads/base/trial-report.service.yaml', 'kind: Service\n');
  tree.save();
  expect(() => newService(new Tree(tree.root), 'threads', report)).toThrow(
    'name: got "trial-report"; the trees already have objects of that name; choose another name',
  );
});

test('refuses a file with an unexpected structure', () => {
  const tree = copiedTree();
  tree.edit(sourceOf('threads'), (text) =>
    text.replace(/services: \{.*?\n {2}\},\n/s, 'services: Object.fromEntries([]),\n'),
  );
  tree.edit(sourceOf('threads'), (text) => text.replace(/exposure: .*/g, ''));
  expect(() => newService(tree, 'threads', report)).toThrow(
    new Error(
      'platforms/threads/platform.ts is not valid:\n  `services` is not written as `services: { ... }`, so nothing can be added to it; add the entry by hand, or write it so',
    ),
  );
});

/** Characters that end a string of TypeScript or YAML, begin an expression, or leave a folder. */
const hostile = fc.constantFrom(
  "'",
  '"',
  '`',
  '${',
  '\n',
  ': ',
  ' #',
  '..',
  '\u2028',
  '\\',
  '&a',
  '*a',
  '- ',
  '{',
  'é',
  'A',
  '_',
);

test.each([
  ['threads', 'newTag: 4f2a91c'],
  ['techtorque', 'newTag: main-4f2a91c'],
])('all 40 characters of a commit become a tag of %s by its scheme', (platform, entry) => {
  const tree = new Tree(copiedTree().root);
  newService(tree, platform, { name: 'trial-report', port: 8100, commit: `4f2a91c${'0'.repeat(33)}` });
  const overlay = tree.changes().find(({ path }) => path.endsWith('overlays/prod/kustomization.yaml'));
  expect(overlay?.after).toContain(entry);
});

test('whatever the arguments are, they are refused or written as they are', () => {
  const tree = copiedTree();
  const text = fc
    .tuple(fc.string({ maxLength: 6 }), hostile, fc.string({ maxLength: 6 }))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.constantFrom('name', 'image', 'commit'), (value, argument) => {
      const fresh = new Tree(tree.root);
      expect(() => newService(fresh, 'threads', { ...report, [argument]: value })).toThrow('is not valid');
      expect(fresh.changes()).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
