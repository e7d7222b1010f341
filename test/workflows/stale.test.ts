import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ownImages } from '../../delivery/image/own-images';
import { Tree } from '../../manifests/scaffold/tree';
import { workflowFiles } from '../../workflows/generate';
import { staleWorkflows } from '../../workflows/stale';
import { loadPlatforms } from './platforms';

const root = mkdtempSync(join(tmpdir(), 'workflows-'));
afterAll(() => rmSync(root, { recursive: true }));
const platforms = loadPlatforms().map(({ platform }) => platform);

test('the workflows that are checked in are as the platforms describe', () => {
  expect(staleWorkflows(new Tree(join(__dirname, '../..')), platforms, 'threads')).toEqual([]);
});

test('a workflow that is missing, edited or no longer described is found, and writing them all ends that', () => {
  const tree = new Tree(root);
  const missing = staleWorkflows(tree, platforms, 'threads');
  expect(missing.length).toBeGreaterThan(20);
  expect(new Set(missing.map(({ why }) => why))).toEqual(new Set(['it does not exist']));
  for (const { path, text = '' } of missing) tree.write(path, text);
  tree.save();
  expect(staleWorkflows(new Tree(root), platforms, 'threads')).toEqual([]);

  const edited = new Tree(root);
  edited.edit('.github/workflows/ship.yml', (text) => text.replace('timeout-minutes: 60', 'timeout-minutes: 600'));
  edited.write('.github/workflows/old.yml', 'name: old\n');
  edited.save();
  const stale = staleWorkflows(new Tree(root), platforms, 'threads');
  expect(stale.map(({ path, why }) => [path, why])).toEqual([
    ['.github/workflows/old.yml', 'nothing in threads describes it'],
    ['.github/workflows/ship.yml', 'it differs from what threads describes'],
  ]);
  const repaired = new Tree(root);
  for (const { path, text } of stale) text === undefined ? repaired.remove(path) : repaired.write(path, text);
  repaired.save();
  expect(staleWorkflows(new Tree(root), platforms, 'threads')).toEqual([]);
  expect(new Tree(root).has('.github/workflows/old.yml')).toBe(false);
});

test('a platform that is not the default one has its workflows in its own folder', () => {
  const [threads] = platforms.filter(({ name }) => name === 'threads');
  const paths = staleWorkflows(new Tree(root), threads ? [threads] : [], 'todo-platform').map(({ path }) => path);
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !path.startsWith('platforms/threads/workflows/'))).toEqual([]);
});

test('docs/workflows.md says what each workflow does, and names no other', () => {
  const table =
    readFileSync('docs/workflows.md', 'utf8').split('## What each workflow does')[1]?.split('\n\n')[1] ?? '';
  const documented = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  const services = platforms.flatMap((platform) => ownImages(platform)).map(({ name }) => name);
  const generated = platforms
    .flatMap((platform) => [...workflowFiles(platform, false).keys()])
    .map((path) => basename(path, '.yml'))
    .filter((name) => !services.includes(name));
  expect(documented.sort()).toEqual([...new Set(generated)].sort());
});
