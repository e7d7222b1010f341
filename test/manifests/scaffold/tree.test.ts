import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tree } from '../../../manifests/scaffold/tree';
import { temporaryFolder } from '../../helpers/synth';

const root = temporaryFolder();

test('a save that fails leaves every file as it was', () => {
  writeFileSync(join(root, 'a.yaml'), 'before\n');
  writeFileSync(join(root, 'c'), 'a file, not a folder\n');
  const tree = new Tree(root);
  tree.write('a.yaml', 'after\n');
  tree.write('b.yaml', 'new\n');
  tree.write('c/d.yaml', 'cannot be written\n');
  expect(() => tree.save()).toThrow();
  expect(readFileSync(join(root, 'a.yaml'), 'utf8')).toBe('before\n');
  expect(readdirSync(root).sort()).toEqual(['a.yaml', 'c']);
});
