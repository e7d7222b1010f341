import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesOf, known } from '../../manifests/checks/built';
import { leaves, ROOT, readTrees } from '../../manifests/checks/sources';
import { temporaryFolder } from '../helpers/synth';

const root = temporaryFolder();

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const FILES = {
  'overlay/kustomization.yaml': [
    'resources: [../base]',
    'components: [../component]',
    'patches: [{ path: patch.yaml }]',
    'configMapGenerator: [{ name: c, files: [KEY=settings.txt] }]',
  ].join('\n'),
  'overlay/patch.yaml': 'a: 1\n',
  'overlay/settings.txt': 'one\n',
  'base/kustomization.yml': 'resources:\n  - web.yaml\n',
  'base/web.yaml': 'b: 1\n',
  'component/kustomization.yaml': `kind: Component\nlabels: [{ pairs: { run: "${root}" } }]\n`,
};

let builds = 0;
const build = () => known(root, 'overlay', () => `build ${++builds} of ${root}`);

beforeEach(() => {
  for (const [path, text] of Object.entries(FILES)) write(path, text);
});

test('a folder is built once for what its files hold', () => {
  const first = build();
  write('overlay/unused.yaml', 'c: 1\n');
  expect(build()).toBe(first);
});

test.each(Object.keys(FILES))('a change of %s is built anew, and what was before is still known', (path) => {
  const before = build();
  write(path, `${FILES[path as keyof typeof FILES]}# changed\n`);
  expect(build()).not.toBe(before);
  write(path, FILES[path as keyof typeof FILES]);
  expect(build()).toBe(before);
});

test('a file that was missing, and is there now, is built anew', () => {
  rmSync(join(root, 'overlay/patch.yaml'));
  const before = build();
  write('overlay/patch.yaml', 'a: 1\n');
  expect(build()).not.toBe(before);
});

test('a build that fails is tried again', () => {
  write('base/web.yaml', 'b: 2\n');
  const failing = () =>
    known(root, 'overlay', () => {
      throw new Error('no');
    });
  expect(failing).toThrow('no');
  expect(failing).toThrow('no');
});

test('every file of the trees is among those that some overlay is built from, but for what hetzner-k3s reads', () => {
  const trees = readTrees();
  const read = new Set(leaves(trees).flatMap((folder) => [...filesOf(ROOT, folder).keys()]));
  expect([...trees.keys()].filter((file) => !read.has(file) && !file.endsWith('/cluster-config.yaml'))).toEqual([]);
});
