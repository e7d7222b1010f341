import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { openGround, type SimulatedGround } from '../../rehearsal/ground';
import { Rehearsal } from '../../rehearsal/rehearsal';
import { bringUp } from '../../rehearsal/steps/bring-up';
import { loseZone } from '../../sandbox';
import { ROOT } from '../helpers/sandbox-command';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(300_000);

// Google's client imports its fetch dynamically, which jest does not allow, unless a window has one.
Object.assign(globalThis, { window: { fetch } });

const folder = temporaryFolder();
const platform = { ...loadPlatform('threads', { restoreFile: 'absent.json' }) };
const VM = 'projects/web-service-design/zones/us-east1-b/instances/threads-prod-vm';
const JOB = 'projects/web-service-design/locations/us-east1/jobs/threads-prod-watchdog';

let ground: SimulatedGround;
let rehearsal: Rehearsal;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a command of ours in the sandbox. @param interruptAt - output after which it gets Ctrl-C */
function ours(script: string, args: string, interruptAt?: RegExp): Promise<Ended> {
  const env = { ...ground.env, STRATA_RESTORE_DIRECTORY: join(ground.directory, 'restores') };
  const words = ['-r', `${ROOT}/register.cjs`, `${ROOT}/scripts/${script}.ts`, ...args.split(' ')];
  const child = spawn('node', words, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let interrupted = false;
  const listen = (text: Buffer) => {
    output += text;
    if (!interruptAt?.test(output) || interrupted) return;
    interrupted = true;
    child.kill('SIGINT');
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

/** The commands of the first block of a runbook, as words of a shell. */
const commandsIn = (runbook: string) =>
  (/```sh\n([^`]*)```/.exec(readFileSync(join(ROOT, 'docs/runbooks', runbook), 'utf8'))?.[1] ?? '')
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').trim() || []);

/** Runs a command of a runbook. Nobody answers its question. */
function follow(command: string): Promise<Ended> {
  const [, script = '', args = ''] = /^npm run (\w+) -- (.*)$/.exec(command) ?? [];
  const asks = script === 'restore' && !/--(plan-only|finish)/.test(args);
  return ours(script, asks ? `${args} --yes` : args);
}

const disks = () => ground.sandbox.world.list('google_compute_disk').map(({ key }) => key.replace(/^.*\/zones\//, ''));
const choice = () =>
  JSON.parse(readFileSync(join(ground.directory, 'restores', 'threads', 'restore.json'), 'utf8')).prod;
const marker = () => ground.readMarker('threads');
const watchdog = () => ground.sandbox.world.get('google_cloud_scheduler_job', JOB)?.values['paused'];

beforeAll(async () => {
  ground = await openGround(platform, 'prod', { directory: join(folder, 'clouds') });
  mkdirSync(join(ground.directory, 'restores'), { recursive: true });
  rehearsal = new Rehearsal(platform, 'prod', ground);
  for (const step of bringUp(platform, 'prod')) await rehearsal.run(step);
});
afterAll(() => ground.close());

describe('a cold snapshot', () => {
  test('that is interrupted brings the VM, its watchdog and its schedule back', async () => {
    const policies = () => ground.sandbox.world.get('google_compute_instance', VM)?.values['resource_policies'];
    const before = JSON.stringify(policies());
    expect(await ours('snapshot', 'make --env prod --cold', /stop threads-prod-vm/)).toMatchObject({ code: 1 });
    expect([watchdog(), JSON.stringify(policies()), ground.sandbox.world.data.machines[VM]?.state]).toEqual([
      false,
      before,
      expect.not.stringMatching('stopped'),
    ]);
    await ground.settled();
  });

  test('has a record of its cluster and its volumes', async () => {
    const made = await ours('snapshot', 'make --env prod --cold');
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining('is READY') });
    await ground.settled();
    const [newest] = await rehearsal.snapshots.list();
    expect(newest?.record?.cluster).toEqual({
      id: expect.any(String),
      volumes: [{ node: 'threads-prod-vm', policy: 'Retain', count: expect.any(Number) }],
    });
  });

  test('leaves every plan empty', async () => {
    for (const layer of rehearsal.layers) await rehearsal.assertUnchanged(layer);
  });
});

describe('a VM that is lost', () => {
  test('comes back with its node, address, cluster and data by the commands of its runbook', async () => {
    ground.writeMarker('threads', 'second marker');
    ground.loseMachine();
    const [plan = '', restore = '', finish = ''] = commandsIn('lost-vm.md');
    const shown = await follow(plan);
    expect(shown).toMatchObject({ code: 0, output: expect.stringContaining('nothing was changed: --dry-run') });
    expect(shown.output).not.toContain('REFUSED');
    expect(disks()).toEqual([]);
    expect(await follow(restore)).toMatchObject({
      code: 0,
      output: expect.stringMatching(
        /restored prod: node threads-prod-vm, address 10\.10\.0\.10, cluster \S+, volumes on their node: \d/,
      ),
    });
    await ground.settled();
    expect([marker(), disks()]).toEqual(['first marker', ['us-east1-b/disks/threads-prod-vm-boot-g2']]);
    // The disk was lost with the VM.
    expect(await follow(finish)).toEqual({ code: 0, output: 'disk threads-prod-vm-boot-g1 already deleted\n' });
  });
});

describe('a restore that nobody wanted', () => {
  test('is interrupted, continues where it was, and is abandoned', async () => {
    expect(await ours('snapshot', 'make --env prod')).toMatchObject({ code: 0 });
    ground.writeMarker('threads', 'third marker');
    const interrupted = await ours('restore', '--env prod --from latest --yes', /apply 00-vpc/);
    expect(interrupted).toMatchObject({ code: 1 });
    expect(choice()).toMatchObject({ generation: 3, previous: { generation: 2 } });
    await ground.settled();

    const continued = await ours('restore', '--env prod');
    expect(continued).toMatchObject({ code: 0, output: expect.stringMatching(/^continuing the restore from /) });
    await ground.settled();
    expect(marker()).toBe('first marker');

    const back = await ours('restore', '--env prod --abandon --yes');
    expect(back).toMatchObject({ code: 0, output: expect.stringContaining('restored prod: node threads-prod-vm') });
    await ground.settled();
    expect([marker(), choice()]).toEqual([
      'third marker',
      expect.objectContaining({ generation: 2, abandoned: { generation: 3 } }),
    ]);
    expect(await ours('restore', '--env prod --finish')).toMatchObject({
      code: 0,
      output: expect.stringContaining('boot-g3 deleted'),
    });
    expect(disks()).toEqual(['us-east1-b/disks/threads-prod-vm-boot-g2']);
  });
});

describe('a zone that is lost', () => {
  test('is left by the VM, which keeps node, address and certificate names in another zone', async () => {
    loseZone(ground.sandbox.world, 'us-east1-b');
    const refused = await ours('restore', '--env prod --from latest --yes');
    expect(refused.code).toBe(3);
    expect(refused.output).toContain('zone: zone us-east1-b is DOWN; choose another zone of us-east1 with --zone');

    for (const command of commandsIn('lost-zone.md')) {
      const followed = await follow(command);
      expect([command, followed.code, followed.output]).toEqual([command, 0, expect.anything()]);
    }
    await ground.settled();
    expect(disks()).toEqual(['us-east1-c/disks/threads-prod-vm-boot-g3']);
    expect(choice()).toMatchObject({ zone: 'us-east1-c', generation: 3 });
    const content = Object.entries(ground.sandbox.world.data.disks).find(([key]) =>
      key.endsWith('us-east1-c/disks/threads-prod-vm-boot-g3'),
    );
    expect(JSON.stringify(content)).toContain('first marker');
  });
});

describe('a state that is lost', () => {
  const LAYER = 'threads/prod/01-k8s/state/default.tfstate';
  const bucket = () => ground.sandbox.world.data.buckets['web-service-design-strata-state'] ?? {};

  test('is where its runbook says, refuses a restore, and is brought back', async () => {
    expect(commandsIn('lost-state.md').join('\n')).toContain(
      'gs://web-service-design-strata-state/threads/prod/00-vpc/state/default.tfstate',
    );
    expect(await ours('snapshot', 'make --env prod')).toMatchObject({ code: 0 });
    await ground.settled();
    const { [LAYER]: lost, ...others } = bucket();
    expect(lost).toBeDefined();
    ground.sandbox.world.data.buckets['web-service-design-strata-state'] = others;
    const refused = await ours('restore', '--env prod --from latest --yes');
    expect(refused.code).toBe(3);
    expect(refused.output).toMatch(/layer states: .*k8s-prod.*: .* in the cluster and (not in the|in no) state/);
    if (lost) ground.sandbox.world.data.buckets['web-service-design-strata-state'] = { ...others, [LAYER]: lost };
    expect(await ours('restore', '--env prod --from latest --plan-only')).toMatchObject({ code: 0 });
  });
});

describe('a drill on the clouds that the environment of the process reaches', () => {
  test('needs the name of the environment', async () => {
    expect(await ours('drill', '--real --env prod --confirm staging')).toMatchObject({ code: 2 });
    expect(await ours('drill', '--real --env prod')).toMatchObject({ code: 3 });
  });

  test('loses the VM, restores it, and writes what each step took', async () => {
    const report = join(folder, 'reports');
    const drilled = await ours('drill', `--real --env prod --disk-restore --confirm prod --report ${report}`);
    expect([drilled.code, drilled.output]).toEqual([0, expect.stringMatching(/critical path/)]);
    await ground.settled();
    const { steps } = JSON.parse(readFileSync(join(report, 'drill-durations.json'), 'utf8'));
    expect(Object.keys(steps)).toContain('restore 00-vpc from the snapshot');
    expect(choice()).toMatchObject({ zone: 'us-east1-c', generation: 4, previous: { generation: 2 } });
  });
});
