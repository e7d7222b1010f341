import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { platformFrom, sourceOf } from '../../../manifests/description';
import { newPlatform } from '../../../manifests/scaffold/new-platform';
import { Tree } from '../../../manifests/scaffold/tree';
import { copiedTree, problemsIn } from '../../helpers/copied-tree';

const PLATFORMS = readdirSync('platforms').filter((name) => new Tree('.').has(sourceOf(name)));

test.each(PLATFORMS)('a copy of %s passes every check', (like) => {
  const tree = copiedTree();
  newPlatform(tree, 'corner-shop', like);
  tree.save();
  expect(problemsIn(tree, 'corner-shop', like === 'threads' ? undefined : 'prod')).toEqual([]);
  const copy = platformFrom('corner-shop', tree.read(sourceOf('corner-shop')));
  const { google, environments } = platformFrom(like, tree.read(sourceOf(like)));
  expect(copy.name).toBe('corner-shop');
  expect(copy.google.project).toBe(google.project);
  expect(Object.keys(copy.environments)).toEqual(Object.keys(environments));
});

test.each<[string, string]>([
  ['threads', 'name: got "threads"; platforms/threads already exists; choose another name'],
  ['schema', 'name: got "schema"; platforms/schema already exists; choose another name'],
  ['components', 'name: got "components"; k8s/components already exists; choose another name'],
  ['../x', 'name: got "../x"; use lowercase letters, digits and single hyphens, beginning with a letter'],
  ['null', 'name: got "null"; choose another name: YAML 1.1 does not read this one as a string'],
])('name %s is refused, and nothing is written', (name, problem) => {
  const tree = copiedTree();
  expect(() => newPlatform(tree, name, 'threads')).toThrow(problem);
  expect(tree.changes()).toEqual([]);
});

test('a copy shares nothing with its source but the description', () => {
  const tree = copiedTree();
  tree.write('platforms/threads/restore.json', '{}');
  tree.save();
  const fresh = new Tree(tree.root);
  newPlatform(fresh, 'shop', 'threads');
  const paths = fresh.changes().map(({ path }) => path);
  expect(paths).not.toContain(join('platforms', 'shop', 'restore.json'));
  expect(paths.every((path) => /^(platforms|k8s)\/shop\//.test(path))).toBe(true);
});
