import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { controlPath, readControl } from '../../../delivery/gate/control';
import { platformFrom, sourceOf } from '../../../manifests/description';
import { newPlatform } from '../../../manifests/scaffold/new-platform';
import { newService } from '../../../manifests/scaffold/new-service';
import { Tree } from '../../../manifests/scaffold/tree';
import type { LoadedPlatform } from '../../../platforms/load';
import { allLayersOf, stackOf } from '../../../platforms/schema/environment';
import { openGround } from '../../../rehearsal/ground';
import { life } from '../../../rehearsal/life';
import { Rehearsal } from '../../../rehearsal/rehearsal';
import { runSteps } from '../../../rehearsal/run';
import { synthesise } from '../../../stacks/app';
import { copiedTree, problemsIn } from '../../helpers/copied-tree';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(120_000);

const PLATFORMS = readdirSync('platforms').filter((name) => new Tree('.').has(sourceOf(name)));

const folder = temporaryFolder();

function copyOf(like: string): { readonly tree: Tree; readonly copy: LoadedPlatform } {
  const tree = copiedTree();
  newPlatform(tree, 'corner-shop', like);
  tree.save();
  const copy = platformFrom('corner-shop', tree.read(sourceOf('corner-shop')));
  return { tree, copy: { ...copy, restores: {} } };
}

test.each(PLATFORMS)('a copy of %s passes every check, is synthesised, and takes new services', (like) => {
  const { tree, copy } = copyOf(like);
  expect(problemsIn(tree, 'corner-shop')).toEqual([]);
  const { google, environments } = platformFrom(like, tree.read(sourceOf(like)));
  expect(copy.name).toBe('corner-shop');
  expect(copy.google.project).toBe(google.project);
  expect(Object.keys(copy.environments)).toEqual(Object.keys(environments));
  expect(() => readControl(copy, tree.read(controlPath('corner-shop')))).not.toThrow();

  const outdir = synthesise(copy, join(folder, like));
  const stacks = Object.keys(environments).flatMap((env) => allLayersOf(copy, env).map((id) => stackOf(copy, env, id)));
  expect(existsSync(join(outdir, 'stacks')) ? readdirSync(join(outdir, 'stacks')).sort() : []).toEqual(
    [...new Set(stacks)].sort(),
  );
  if (copy.registry.kind === 'upstream') return;
  newService(tree, 'corner-shop', { name: 'trial-report', port: 8100, database: true });
  expect(tree.changes().map(({ path }) => path.split('/').slice(0, 2).join('/'))).toEqual(
    expect.arrayContaining(['k8s/corner-shop', 'platforms/corner-shop']),
  );
});

// Of the shortest life: CI applies, so there is no terraform. The other copies differ from their originals by their names.
test('a copy of real-estate is rehearsed to the end', async () => {
  const { tree, copy } = copyOf('real-estate');
  execFileSync('git', ['init', '--quiet', tree.root]);
  const ground = await openGround(copy, 'local', { directory: join(folder, 'clouds'), root: tree.root });
  try {
    const rehearsal = new Rehearsal(copy, 'local', ground);
    const report = await runSteps(rehearsal, life(copy, 'local'), { progress: 'silent' });
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ ok: true, platform: 'corner-shop', pushApply: { data: expect.any(String) } });
  } finally {
    await ground.close();
  }
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
