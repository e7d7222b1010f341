import { problemsOf } from '../../manifests/checks/all';
import { difference } from '../../manifests/checks/difference';
import { tagProblem } from '../../manifests/checks/images';
import { nameOf } from '../../manifests/checks/problem';
import { objectsOf, parse, render } from '../../manifests/checks/render';
import { schemas } from '../../manifests/checks/schemas';
import { checkFiles, leaves, readTrees } from '../../manifests/checks/sources';
import { loadPlatform } from '../../platforms/load';
import { imageRepository } from '../../platforms/schema/define-platform';
import { ENVIRONMENTS } from '../helpers/environments';
import { expectGolden } from '../helpers/golden';

const overlays = [
  ...new Set(ENVIRONMENTS.flatMap(({ platform, overlays: own }) => own.map((one) => `k8s/${platform}/${one}`))),
].sort();

test('every overlay builds, and belongs to an environment', () => {
  const built = overlays.filter((overlay) => parse(render(overlay)).every((object) => nameOf(object)));
  process.stdout.write(`overlays built by kustomize: ${built.length} of ${overlays.length}\n`);
  expect(built).toEqual(overlays);
  expect(leaves(readTrees(), new Set(overlays))).toEqual([]);
});

test('every object matches the schema of its kind, without unknown fields', () => {
  const refused = ENVIRONMENTS.flatMap((one) => schemas(objectsOf(one), one));
  const objects = ENVIRONMENTS.flatMap(objectsOf);
  const kinds = new Set(objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
  const valid = objects.length - new Set(refused.map(({ object }) => object)).size;
  process.stdout.write(`objects valid by the schemas of ${kinds.size} kinds: ${valid} of ${objects.length}\n`);
  expect(refused).toEqual([]);
});

test('kustomizations use current syntax, every file is used and named after its content, and tags are in one file', () => {
  expect(checkFiles(readTrees())).toEqual([]);
});

test('a file of pins next to a kustomization is no manifest, and every other unused file is a problem', () => {
  const kustomization = 'kind: Kustomization\nresources: []\n';
  const pins = 'pins: { web: { tag: 4f2a91c, reason: broken, by: jane, since: 2026-01-01T00:00:00Z } }\n';
  const files = { 'k8s/shop/kustomization.yaml': kustomization, 'k8s/shop/pins.yaml': pins, 'k8s/shop/pin.yaml': pins };
  expect(checkFiles(new Map(Object.entries(files))).map(({ file }) => file)).toEqual(['k8s/shop/pin.yaml']);
});

test.each(ENVIRONMENTS.map((one) => [`${one.platform} ${one.overlays[0]}`, one] as const))(
  '%s passes every check',
  (_, environment) => {
    expect(problemsOf(objectsOf(environment), environment)).toEqual([]);
  },
);

test.each(ENVIRONMENTS.map((one) => [`${one.platform} ${one.overlays[0]}`, one] as const))(
  '%s has no object twice',
  (_, environment) => {
    const names = objectsOf(environment).map((object) => `${object.apiVersion} ${nameOf(object)}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  },
);

/** Commits in tags change with each deployment, and a deployment is no reason to write goldens again. */
function masked(text: string): string {
  return text.replace(/(image: \S+:(?:[a-z]+-)?)[0-9a-f]{7}$/gm, '$1COMMIT');
}

/** Where a golden shows what differs from another overlay, instead of all of it. */
function comparedWith(overlay: string): string | undefined {
  if (overlay.startsWith('k8s/real-estate/podman/')) return 'k8s/real-estate/hetzner/dev';
  const production = overlay.replace(/[^/]+$/, 'prod');
  if (!overlay.startsWith('k8s/real-estate/') && overlay !== production && overlays.includes(production))
    return production;
  const [, group, env] = /^k8s\/real-estate\/(argocd|hetzner)\/(\w+)/.exec(overlay) ?? [];
  if (group === 'argocd') return `k8s/real-estate/hetzner/${env}`;
  if (group && env !== 'dev' && !overlay.endsWith('infrastructure')) return `k8s/real-estate/${group}/dev`;
  return overlay === 'k8s/real-estate/hetzner/test/infrastructure'
    ? 'k8s/real-estate/hetzner/prod/infrastructure'
    : undefined;
}

// Those of threads are held by its own test.
test.each(overlays.filter((overlay) => !overlay.startsWith('k8s/threads/')))(
  '%s is as its golden file says',
  (overlay) => {
    const name = overlay.replace('/overlays/', '/').replace('k8s/', '').replaceAll('/', '-');
    const other = comparedWith(overlay);
    if (!other) return expectGolden(`k8s/${name}.yaml`, masked(render(overlay)));
    const head = `what differs from ${other}\n\n`;
    expectGolden(`k8s/${name}.diff`, head + difference(parse(masked(render(other))), parse(masked(render(overlay)))));
  },
);

test.each([
  ['techtorque', 'admin', 'dev-4f2a91c', 'dev', true],
  ['techtorque', 'admin', 'dev-4f2a91c', 'prod', false],
  ['techtorque', 'admin', 'main-4f2a91c', 'prod', true],
  ['techtorque', 'admin', '4f2a91c', 'dev', false],
  ['todo-platform', 'todo-api', '4f2a91c', 'prod', true],
  ['todo-platform', 'todo-api', '4f2a91c0', 'prod', false],
  ['todo-platform', 'todo-api', '4f2a91c07b6d5e8f90a1b2c3d4e5f60718293a4b', 'prod', true],
  ['todo-platform', 'todo-api', '0'.repeat(40), 'prod', false],
  ['todo-platform', 'todo-api', '0000000', 'prod', false],
  ['todo-platform', 'todo-api', 'latest', 'prod', false],
  ['real-estate', 'docker.io/postgis/postgis', '18-3.6', 'dev', true],
  ['real-estate', 'docker.io/postgis/postgis', 'latest', 'dev', false],
  ['real-estate', 'docker.io/postgis/postgis', '18', 'dev', false],
])('%s: tag of %s:%s in %s follows its scheme: %s', (name, image, tag, env, follows) => {
  const platform = loadPlatform(name);
  expect(tagProblem(platform, env, imageRepository(platform, image), tag) === undefined).toBe(follows);
});
