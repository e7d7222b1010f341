import { LAYERS, stackId } from '../../contracts/layers';
import { loadPlatform } from '../../platforms/load';
import { buildApp } from '../../stacks/app';
import { temporaryFolder } from '../helpers/synth';
import { Ground } from './ground';

const folder = temporaryFolder();
let ground: Ground;
let before: string[];

const kept = () => [
  ground.find('Namespace', 'threads', '', '')?.metadata.uid,
  ground.find('PersistentVolumeClaim', 'postgres')?.metadata.uid,
  Object.values(ground.cluster.data.volumes)[0]?.['rows'],
];

describe('what Argo CD does', () => {
  beforeEach(async () => {
    ground = await Ground.open();
    const [files] = Object.values(ground.cluster.data.volumes);
    if (files) files['rows'] = 'precious';
    before = kept();
    expect(before).toEqual([expect.any(String), expect.any(String), 'precious']);
  });
  afterEach(() => ground.close());

  test('taking everything out of Git leaves the namespace and the data', async () => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'threads' } };
    await ground.push({ 'kustomization.yaml': { resources: ['other.yaml'] }, 'other.yaml': other });
    expect(ground.find('Deployment', 'nextjs', 'apps')).toBeUndefined();
    expect(kept()).toEqual(before);
  });

  test('deleting the Application leaves all that it deployed', async () => {
    await ground.remove(ground.application());
    expect(ground.find('Deployment', 'nextjs', 'apps')).toBeDefined();
    expect(kept()).toEqual(before);
  });
});

test('no layer owns the namespace of the application', () => {
  const platform = loadPlatform('threads', { restoreFile: 'absent.json' });
  const app = buildApp(platform, folder);
  for (const { id } of LAYERS) {
    const stack = app.node.findChild(stackId(id, 'prod')) as unknown as { toTerraform(): { resource: object } };
    const { kubernetes_namespace_v1 = {} } = stack.toTerraform().resource as Record<string, Record<string, Owned>>;
    expect(Object.values(kubernetes_namespace_v1).map(({ metadata }) => metadata.name)).not.toContain('threads');
  }
});

interface Owned {
  readonly metadata: { readonly name: string };
}
