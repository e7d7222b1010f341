import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ArgoCd } from '../../../constructs/gitops/argo-cd';
import { ImageUpdater } from '../../../constructs/gitops/image-updater';
import { Namespace } from '../../../constructs/kubernetes/namespace';
import chart from '../../../sandbox/kubernetes/charts/argocd-image-updater.json';
import { unknownKeys } from '../../../sandbox/kubernetes/charts/values';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const { resource } = synthScope(folder, (scope) => {
  const namespace = new Namespace(scope, 'argocd', { name: 'argocd' });
  const argoCd = new ArgoCd(scope, 'argo-cd', { namespace });
  new ImageUpdater(scope, 'image-updater', { namespace, argoCd, registryHost: 'us-east1-docker.pkg.dev' });
});
const releases = Object.entries<Json>(resource.helm_release);
const find = (chart: string) => releases.find(([, one]) => one.chart === chart) ?? [];
const [, release] = find('argocd-image-updater') as [string, Json];
const values: Json = parse(release.values[0]);

test('it comes after Argo CD, whose kinds it reads', () => {
  expect(release.depends_on).toEqual([`helm_release.${find('argo-cd')[0]}`]);
});

test('its CRD stays when the chart goes, and the chart knows every value', () => {
  expect(values.crds).toEqual({ install: true, keep: true });
  expect(unknownKeys(values, chart)).toEqual([]);
});

test('it asks the registry with a token that it never keeps for longer than the metadata server warrants', () => {
  expect(values.config.registries).toEqual([
    expect.objectContaining({
      prefix: 'us-east1-docker.pkg.dev',
      credentials: 'ext:/scripts/node-identity.sh',
      credsexpire: '3m',
    }),
  ]);
  expect(Object.keys(values.authScripts.scripts)).toEqual(['node-identity.sh']);
});

test('the script prints a user and the token of the node', () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'wget'), `#!/bin/sh\necho '{"access_token":"ya29.x","expires_in":3599}'\n`);
  chmodSync(join(bin, 'wget'), 0o755);
  const { stdout } = spawnSync('sh', {
    input: values.authScripts.scripts['node-identity.sh'],
    env: { PATH: `${bin}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  expect(stdout).toBe('oauth2accesstoken:ya29.x\n');
});
