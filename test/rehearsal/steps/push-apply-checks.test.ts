import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlatform } from '../../../platforms/load';
import { openGround } from '../../../rehearsal/ground';
import { life } from '../../../rehearsal/life';
import { Rehearsal } from '../../../rehearsal/rehearsal';
import { type Break, type Broken, changed, expectFailures, marker, one, unready } from '../../helpers/broken-worlds';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(180_000);

// Google's client imports its fetch dynamically, which jest does not allow, unless a window has one.
Object.assign(globalThis, { window: { fetch } });

const folder = temporaryFolder();
const platform = loadPlatform('real-estate');

const BROKEN: Broken = {
  'placeholders in place of passwords are refused': [
    ['the passwords are in Git', passwordsInGit, /would be applied with the passwords of its templates/],
  ],
  'rolled out, every pod ready (simulated)': [
    ['a pod is not ready', unready('default'), /not ready in default: postgres-0 \(the probe fails\)/],
  ],
  'apply again: nothing changes': [
    ['the API server changes what was applied', scaled, /a second apply changed StatefulSet\/postgres/],
  ],
  'delete every pod: they come back, data kept': [
    ['the volume is empty', marker(undefined), /data lost after the deletion of every pod: .* found none/],
  ],
  'delete the workloads and apply again: data kept': [
    ['the volume is empty', marker(undefined), /data lost after the deletion of the workloads: .* found none/],
  ],
};

test('every check of push-apply fails in a world that breaks exactly what it checks, and passes when that is repaired', async () => {
  const clouds = await openGround(platform, 'local', { directory: join(folder, 'clouds') });
  try {
    const ground = { rehearsal: new Rehearsal(platform, 'local', clouds), sandbox: clouds.sandbox };
    await expectFailures(ground, life(platform, 'local'), BROKEN);
  } finally {
    await clouds.close();
  }
});

function passwordsInGit({ rehearsal }: Parameters<Break>[0]): () => void {
  const checkout = join(rehearsal.ground.directory, 'checkout');
  for (const entry of readdirSync(join(checkout, 'k8s'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (/secret\.yaml$/.test(entry.name))
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('StrongBase64Password', 'a-password'));
  }
  return () => execFileSync('git', ['checkout', '--quiet', '.'], { cwd: checkout, env: rehearsal.ground.env });
}

/** Another replica count, which the next apply sets back. */
function scaled(ground: Parameters<Break>[0]): () => void {
  changed(ground, one(ground, 'StatefulSet', 'default'), { spec: { replicas: 0 } });
  return () => {};
}
