import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { loadPlatform } from '../../../platforms/load';
import { runScenario } from '../../../rehearsal/chaos/converge';
import { differences, fingerprintOf } from '../../../rehearsal/chaos/fingerprint';
import { scenariosOf } from '../../../rehearsal/chaos/scenarios';
import { type Boundary, boundariesOf, openCopy } from '../../../rehearsal/chaos/world';
import { ROOT } from '../../helpers/sandbox-command';
import { temporaryFolder } from '../../helpers/synth';

jest.setTimeout(300_000);

// Google's client imports its fetch dynamically, which jest does not allow, unless a window has one.
Object.assign(globalThis, { window: { fetch } });

const folder = temporaryFolder();
const platform = { ...loadPlatform('threads'), restores: {} };
let boundaries: Boundary[];

beforeAll(async () => {
  boundaries = await boundariesOf(platform, 'prod', folder, () => {});
});

function scenario(name: string) {
  const found = scenariosOf(boundaries, { all: true }).find((one) => one.name === name);
  if (!found) throw new Error(`no scenario "${name}"`);
  return found;
}

test.each([
  'apply 00-vpc: google_compute_instance 1, error',
  'apply 00-vpc: google_compute_network 1, killed',
  'apply 00-vpc: google_monitoring_alert_policy 2, answer lost',
  'delete 00-vpc: google_compute_disk 1, killed',
  'apply 01-k8s: helm_release 1, answer lost',
  'apply 02-argocd-app: kubernetes_manifest 1, killed',
])('%s: nothing is lost, and nothing exists twice', async (name) => {
  expect(await runScenario(platform, 'prod', scenario(name), join(folder, 'run'))).toMatchObject({ name, ok: true });
});

test('a killed apply is seen by the comparison, found by the doctor, and healed by it', async () => {
  const { boundary, rule } = scenario('apply 00-vpc: google_monitoring_alert_policy 1, killed');
  const { ground, stack, close } = await openCopy(platform, 'prod', boundary, join(folder, 'run'));
  const state = (...args: string[]) =>
    new Promise<{ code: number; output: string }>((done) => {
      const command = ['-r', `${ROOT}/register.cjs`, `${ROOT}/scripts/state.ts`, 'doctor', '--env', 'prod', ...args];
      const env = { ...ground.env, CDKTF_OUTDIR: join(ground.directory, 'cdktf.out') };
      execFile('node', [...command, '--layer', '00-vpc'], { cwd: ROOT, env }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });
  try {
    ground.sandbox.faults.set([rule]);
    await expect(stack.apply()).rejects.toThrow(/^terraform apply in vpc-prod was ended by SIGKILL/);
    ground.sandbox.faults.set([]);
    await ground.settled();
    expect(differences(boundary.expected, fingerprintOf(ground.sandbox.world.data)).length).toBeGreaterThan(10);

    await expect(stack.plan()).rejects.toThrow(/did not end: its terraform was ended by SIGKILL; .*doctor --heal/);
    const found = await state();
    expect(found).toMatchObject({ code: 4, output: expect.stringMatching(/in the cloud and in no state: google_/) });
    const healed = await state('--heal', '--yes');
    expect(healed).toMatchObject({
      code: 0,
      output: expect.stringMatching(/freed the state lock[\s\S]*imported google_/),
    });

    const plan = await stack.plan();
    expect(plan.destroyed).toBe(0);
    await stack.apply();
    await ground.settled();
    expect(differences(boundary.expected, fingerprintOf(ground.sandbox.world.data))).toEqual([]);
  } finally {
    await close();
  }
});
