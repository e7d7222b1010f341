import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { overlaysOf, overlayWith } from '../../delivery/overlays';
import { loadPlatform } from '../../platforms/load';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
const IMAGE = 'us-east1-docker.pkg.dev/web-service-design/threads/nextjs';

test.each([
  ['0000000', '0000000'],
  ['"0000000"', '0000000'],
  ['0123456', '0123456'],
  ['12e4567', '12e4567'],
  ['8caff6f', '8caff6f'],
])('the tag %s is read as it is written', async (written, tag) => {
  const overlay = join(folder, 'k8s/threads/overlays/local');
  mkdirSync(overlay, { recursive: true });
  writeFileSync(join(overlay, 'kustomization.yaml'), `images:\n  - name: ${IMAGE}\n    newTag: ${written}\n`);
  const overlays = await overlaysOf(loadPlatform('threads'), 'local', folder);
  expect(overlayWith(overlays, IMAGE)).toMatchObject({ tag, path: 'k8s/threads/overlays/local' });
});
