import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentsOf } from '../../manifests/checks/environments';
import { printProblem } from '../../manifests/checks/problem';
import { readTrees } from '../../manifests/checks/sources';
import { sourceOf } from '../../manifests/description';
import { deviations } from '../../manifests/follow';
import { Tree } from '../../manifests/scaffold/tree';
import { followDescriptions, validate } from '../../manifests/validate';
import { copiedTree } from '../helpers/copied-tree';

/** A copy in which one field of a platform's file has another value. */
function edited(platform: string, ...[from, to]: readonly [string, string]): Tree {
  const tree = copiedTree();
  tree.edit(sourceOf(platform), (text) => {
    if (!text.includes(from)) throw new Error(`${sourceOf(platform)} does not contain ${from}`);
    return text.replace(from, to);
  });
  tree.save();
  return new Tree(tree.root);
}

const linesOf = ({ root }: Tree, platform: string, env?: string) => validate({ platform, env }, root).map(printProblem);

/** What `--write` changes, by file: lines before and after. */
function written(tree: Tree, platform: string): string[] {
  const changed = followDescriptions({ platform }, tree.root);
  const lines = [...changed].flatMap(([file, text]) => {
    const before = readFileSync(join(tree.root, file), 'utf8').split('\n');
    return text.split('\n').filter((line, index) => line !== before[index]);
  });
  for (const [file, text] of changed) tree.write(file, text);
  tree.save();
  return lines;
}

test('every platform is valid, and nothing has to be written', () => {
  expect(validate()).toEqual([]);
  expect([...followDescriptions()]).toEqual([]);
});

/** Changes of one field each, and how many lines of the trees follow it. */
const FOLLOWED: Readonly<
  Record<string, readonly (readonly [field: string, from: string, to: string, lines: number])[]>
> = {
  threads: [
    ['google.project', "project: 'web-service-design'", "project: 'another-project'", 14],
    ['registry.location', "location: 'us-east1'", "location: 'europe'", 12],
    ['registry.repository', "repository: 'threads'", "repository: 'images'", 12],
    ['repository.url', 'unknowntpo/threads-nextjs.git', 'another/shop.git', 1],
    ['repository.branch', "branch: 'master'", "branch: 'main'", 1],
  ],
  'todo-platform': [
    ['google.project', "project: 'todo-platform-scottseotech'", "project: 'another-project'", 1],
    ['registry.organisation', "organisation: 'curiosinauts'", "organisation: 'another'", 14],
    ['registry.prefix', "prefix: 'scottseotech-'", "prefix: 'another-'", 14],
    ['repository.url', 'scottseotech/todo-platform.git', 'another/shop.git', 10],
    ['repository.branch', "branch: 'main'", "branch: 'trunk'", 7],
  ],
  techtorque: [
    ['google.project', "project: 'techtorque-2025'", "project: 'another-project'", 1],
    ['registry.owner', "owner: 'techtorque-2025'", "owner: 'another'", 33],
  ],
  'real-estate': [['google.project', "project: 'real-estate-platform'", "project: 'another-project'", 1]],
};

const cases = Object.entries(FOLLOWED).flatMap(([platform, changes]) =>
  changes.map(([field, from, to, lines]) => [platform, field, from, to, lines] as const),
);

test.each(cases)('%s: a change of %s is named at every place that follows it', (platform, _, from, to, lines) => {
  const tree = edited(platform, from, to);
  const named = () => deviations(readTrees(tree.root), environmentsOf(tree.root, platform));
  expect(named()).toHaveLength(lines);
  expect(written(tree, platform)).toHaveLength(lines);
  expect(named()).toEqual([]);
});

test.each(Object.entries(FOLLOWED))('%s is valid after --write has made it follow all of them', (platform, changes) => {
  const tree = copiedTree();
  for (const [, from, to] of changes) tree.edit(sourceOf(platform), (text) => text.replace(from, to));
  tree.save();
  const env = platform === 'threads' ? 'prod' : platform === 'techtorque' ? 'dev' : 'local';
  expect(validate({ platform, env }, tree.root)).not.toEqual([]);
  written(new Tree(tree.root), platform);
  expect(linesOf(tree, platform, env)).toEqual([]);
});

test.each<[string, string, readonly [string, string], readonly string[]]>([
  [
    'a port',
    'threads',
    ['port: 3000', 'port: 3001'],
    [
      'k8s/threads/base/nextjs.deployment.yaml: Deployment/threads/nextjs spec.template.spec.containers[nextjs].ports: got [{"containerPort":3000,"name":"http"}]; use containerPort 3001, the port of service "nextjs"',
      'k8s/threads/base/nextjs.service.yaml: Service/threads/nextjs spec.ports.0.port: got 3000; use 3001, the port of service "nextjs"',
    ],
  ],
  [
    'a storage class',
    'techtorque',
    ["storageClass: 'local-path'", "storageClass: 'fast'"],
    ['"local-path"; use one of fast'],
  ],
  [
    'a secret',
    'techtorque',
    ["'gemini-api-key'", "'another-key'"],
    ['got "techtorque-dev-gemini-api-key"', 'no ExternalSecret reads secret "techtorque-dev-another-key"'],
  ],
  [
    'a namespace',
    'threads',
    ["namespace: 'threads'", "namespace: 'shop'"],
    ['metadata.namespace: got "threads"; use "shop"'],
  ],
  [
    'a branch in tags',
    'techtorque',
    ["branch: 'dev'", "branch: 'develop'"],
    ['use branch and commit, such as develop-4f2a91c'],
  ],
  [
    'a way in',
    'threads',
    ["kind: 'tunnel', service: 'nextjs', hostname: 'threads.example.com'", "kind: 'none'"],
    ['the environment has no tunnel'],
  ],
  ['a backup', 'threads', ['backup: { keepDays: 30 },', ''], ['the environment has no bucket for dumps']],
  ['a folder', 'threads', ['k8s/threads/overlays/<env>', 'k8s/shop/<env>'], ['use k8s/threads/overlays/prod']],
  [
    'a name of another folder',
    'techtorque',
    ["name: 'techtorque'", "name: 'shop'"],
    ['use "techtorque", the name of its folder'],
  ],
  [
    'a cluster',
    'real-estate',
    ['-cluster`', '-k3s`'],
    ['cluster_name: got "hetzner-dev-cluster"; keep "hetzner-dev-k3s"'],
  ],
])('%s that only the description changes is named in the trees', (_, platform, change, problems) => {
  const env = platform === 'real-estate' ? 'dev' : platform === 'techtorque' ? 'dev' : 'prod';
  const lines = linesOf(edited(platform, ...change), platform, env).join('\n');
  for (const problem of problems) expect(lines).toContain(problem);
});

test('schedules move together into the hours in which the VM is awake', () => {
  const tree = edited('threads', "start: '09:00', stop: '21:00'", "start: '20:00', stop: '06:00'");
  expect(linesOf(tree, 'threads', 'prod').filter((line) => line.includes('while the VM sleeps'))).toHaveLength(2);
  written(tree, 'threads');
  expect(linesOf(tree, 'threads', 'prod')).toEqual([]);
  const overlay = readFileSync(join(tree.root, 'k8s/threads/overlays/prod/kustomization.yaml'), 'utf8');
  expect(overlay).toContain('"value": "15 12 * * *"');
  expect(overlay).toContain('"value": "15 14 * * 0"');
  expect([...followDescriptions({ platform: 'threads' }, tree.root)]).toEqual([]);
});

test('problems of several platforms and files are all named, a tree that does not build among them', () => {
  const tree = copiedTree();
  tree.edit(sourceOf('techtorque'), (text) => text.replace("region: 'us-east1'", "region: 'mars'"));
  tree.edit('k8s/threads/overlays/local/kustomization.yaml', () => 'resources: [absent.yaml]\n');
  tree.edit('k8s/todo-platform/infrastructure/secret-store/todo-platform.secretstore.yaml', (text) =>
    text.replace('todo-platform-scottseotech', 'another-project'),
  );
  tree.save();
  const found = validate({ env: 'local' }, tree.root);
  expect(found.map(({ file }) => file)).toEqual(
    expect.arrayContaining([
      'k8s/threads/overlays/local/kustomization.yaml',
      'k8s/todo-platform/infrastructure/secret-store/todo-platform.secretstore.yaml',
      'platforms/techtorque/platform.ts',
    ]),
  );
  expect(found.find(({ file }) => file === 'platforms/techtorque/platform.ts')).toEqual({
    file: 'platforms/techtorque/platform.ts',
    path: 'google.region',
    value: 'mars',
    rule: 'got "mars"',
    fix: 'name a region such as "us-east1"',
  });
});
