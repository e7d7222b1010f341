import { App } from 'cdktf';
import type { Construct } from 'constructs';
import { Layer, type LayerProps } from '../../constructs/layer';
import { ARGOCD_APP } from '../../contracts/argocd-app';
import { isBefore, LAYERS, stackId } from '../../contracts/layers';
import { loadPlatform } from '../../platforms/load';
import type VpcLayer from '../../stacks/00-vpc';
import { buildApp } from '../../stacks/app';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();

class Probe extends Layer<typeof ARGOCD_APP> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, ARGOCD_APP, props);
  }

  right(): void {
    this.export({ app_name: 'threads', app_namespace: 'argocd' });
  }

  /** Never run: these lines are for the compiler, which fails where an expected error is none. */
  wrong(vpc: VpcLayer): void {
    // @ts-expect-error an output is missing
    this.export({ app_name: 'threads' });
    // @ts-expect-error an output is misspelt
    this.export({ app_name: 'threads', app_namespaces: 'argocd' });
    // @ts-expect-error the contract has no such output
    this.export({ app_name: 'threads', app_namespace: 'argocd', app_color: 'blue' });
    // @ts-expect-error the layer exports no such output
    this.read(vpc).vm_nmae;
  }
}

test('outputs are called what the contract calls them', () => {
  const probe = new Probe(new App({ outdir: folder }), { platform: loadPlatform('threads'), env: 'prod' });
  probe.right();
  expect(probe.toTerraform().output).toEqual({
    app_name: { value: 'threads', description: 'root Application' },
    app_namespace: { value: 'argocd', description: 'namespace of the root Application' },
  });
});

test('a layer is known by its id, its short name and its stack', () => {
  expect(LAYERS.map(({ id }) => stackId(id, 'prod'))).toEqual([
    'bootstrap-prod',
    'vpc-prod',
    'k8s-prod',
    'argocd-app-prod',
    'github-prod',
  ]);
  expect(isBefore('00-vpc', '02-argocd-app')).toBe(true);
  expect(isBefore('01-k8s', '01-k8s')).toBe(false);
});

test('a layer does not read itself or a later one', () => {
  const app = buildApp(loadPlatform('threads'), folder);
  const layer = (id: string) => app.node.findChild(id) as Layer<typeof ARGOCD_APP>;
  expect(() => layer('k8s-prod')['read'](layer('argocd-app-prod'))).toThrow(
    'layer 01-k8s reads 02-argocd-app, which is not an earlier layer; see contracts/layers.ts',
  );
  expect(() => layer('k8s-prod')['read'](layer('k8s-prod'))).toThrow('which is not an earlier layer');
});
