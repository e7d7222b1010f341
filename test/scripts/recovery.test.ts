import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { sandboxOf } from '../../rehearsal/sandbox-of';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox';
import { synthesise } from '../../stacks/app';
import { Stack } from '../../terraform/stack';
import { Commands } from '../helpers/commands';
import { ROOT } from '../helpers/sandbox-command';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(180_000);

const folder = temporaryFolder();
const restores = join(folder, 'restores');
const file = join(restores, 'threads', 'restore.json');
const VALUE = 'correct-horse-battery-staple';
const DISKS = 'projects/web-service-design/zones/us-east1-b/disks/threads-prod-vm-';
const PASSWORD = 'projects/web-service-design/secrets/threads-prod-postgres-password';

let sandbox: Sandbox;

/** A command of ours, as words of a shell. */
const words = (script: string, args: string) => `node -r ${ROOT}/register.cjs ${ROOT}/scripts/${script}.ts ${args}`;

const environment = () => ({ ...sandbox.env, STRATA_RESTORE_DIRECTORY: restores });

/** Runs a command line in the sandbox. */
function shell(line: string): Promise<{ code: number; output: string }> {
  const env = environment();
  return new Promise((done) => {
    execFile('bash', ['-c', line], { cwd: ROOT, env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

const commands = new Commands();
afterAll(() => commands.close());

async function ours(script: string, args: string): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await commands.run(script, args.split(' '), environment());
  return { code, output: stdout + stderr };
}

async function deploy(): Promise<void> {
  const outdir = synthesise(loadPlatform('threads', { restoreFile: file }), join(folder, 'out'));
  const stack = new Stack('vpc-prod', join(outdir, 'stacks', 'vpc-prod'), { env: sandbox.env });
  await stack.plan();
  await stack.apply();
  await sandbox.world.clock.settled();
}

const snapshots = () =>
  sandbox.world.list('google_compute_snapshot').map(({ values }) => ({
    name: String(values['name']),
    disk: String(values['source_disk']).split('/').at(-1),
  }));
const disks = () => sandbox.world.list('google_compute_disk').map(({ key }) => key.replace(DISKS, ''));
const choices = () => JSON.parse(readFileSync(file, 'utf8'));

beforeAll(async () => {
  sandbox = await startSandbox({
    directory: join(folder, 'clouds'),
    start: Date.parse('2026-01-05T02:00:00Z'),
    buckets: ['web-service-design-strata-state'],
    images: (await sandboxOf(loadPlatform('threads'), { only: 'prod' })).images ?? [],
  });
  await deploy();
});
afterAll(() => sandbox.close());

describe('a secret', () => {
  const versions = () => sandbox.world.data.secretVersions[PASSWORD];

  test('is not set by --dry-run', async () => {
    const { code, output } = await shell(
      `echo '${VALUE}' | ${words('secret', 'set postgres-password --env prod --dry-run')}`,
    );
    expect([code, versions()]).toEqual([0, []]);
    expect(output).toContain(`would add a version of ${VALUE.length} characters`);
    expect(output).not.toContain(VALUE);
  });

  test('is set without the newline that ends it, and shown nowhere', async () => {
    const { code, output } = await shell(`echo '${VALUE}' | ${words('secret', 'set postgres-password --env prod')}`);
    expect([code, versions()]).toEqual([0, [Buffer.from(VALUE).toString('base64')]]);
    expect(output).not.toContain(VALUE);
  });
});

describe('a snapshot', () => {
  test('is not created by --dry-run', async () => {
    const { code, output } = await ours('snapshot', 'make --env prod --dry-run');
    expect([code, snapshots()]).toEqual([0, []]);
    expect(output).toMatch(/^would create snapshot-00-vpc-20260105-\d{6} of threads-prod-vm-boot-g1$/m);
  });

  test('is named after the last layer that is deployed', async () => {
    expect(await ours('snapshot', 'make --env prod')).toMatchObject({ code: 0 });
    expect(snapshots()).toEqual([
      { name: expect.stringMatching(/^snapshot-00-vpc-20260105-/), disk: 'threads-prod-vm-boot-g1' },
    ]);
  });
});

describe('a restore', () => {
  const tunnelled = (line: string) => shell(words('tunnel', `prod -- ${line}`));

  test('that is only shown is not written', async () => {
    expect(await ours('restore', '--env prod --dry-run')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^would restore/m),
    });
    expect(existsSync(file)).toBe(false);
  });

  test('leaves the choices of other environments as they are', async () => {
    const staging = { generation: 3, snapshot: 's', lineage: ['8', '9'] };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ staging }));
    expect(await ours('restore', '--env prod --no-apply')).toMatchObject({ code: 0 });
    expect(choices()).toMatchObject({ staging, prod: { generation: 2, previous: { generation: 1 } } });
    await deploy();
    expect(disks()).toEqual(['boot-g1', 'boot-g2']);
  });

  test('is not finished while the cluster does not prove that it is the old one', async () => {
    const before = choices();
    expect(await ours('restore', '--env prod --finish')).toMatchObject({
      code: 3,
      output: expect.stringContaining('was not deleted'),
    });
    expect([disks(), choices()]).toEqual([['boot-g1', 'boot-g2'], before]);
  });

  test('is followed by snapshots of the disk that the VM has now', async () => {
    expect(await ours('snapshot', 'make --env prod')).toMatchObject({ code: 0 });
    expect(snapshots().at(-1)?.disk).toBe('threads-prod-vm-boot-g2');
  });

  test('is finished once the cluster answers: the earlier disk goes, the one in use stays', async () => {
    const before = choices();
    expect(await ours('kubeconfig', 'prod')).toMatchObject({ code: 0 });
    const shown = await tunnelled(words('restore', '--env prod --finish --dry-run'));
    expect(shown).toEqual({ code: 0, output: 'disk threads-prod-vm-boot-g1 would be deleted\n' });
    expect([disks(), choices()]).toEqual([['boot-g1', 'boot-g2'], before]);

    const finished = await tunnelled(words('restore', '--env prod --finish'));
    expect(finished).toEqual({ code: 0, output: 'disk threads-prod-vm-boot-g1 deleted\n' });
    expect(disks()).toEqual(['boot-g2']);
    expect(choices().prod).not.toHaveProperty('previous');
    expect(choices().staging).toEqual(before.staging);
  });

  test('has nothing to finish after that', async () => {
    expect(await ours('restore', '--env prod --finish')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^nothing to finish/),
    });
    expect(disks()).toEqual(['boot-g2']);
  });

  test('is reached through a tunnel that ends with the exit code of its command', async () => {
    expect((await tunnelled('sh -c "exit 7"')).code).toBe(7);
  });
});

describe('snapshots that have expired', () => {
  test('are not deleted by --dry-run', async () => {
    await sandbox.world.clock.advance(15 * 24 * 3600);
    expect(await ours('snapshot', 'make --env prod')).toMatchObject({ code: 0 });
    const before = snapshots();
    // The restored disk was created from the first, which restore.json has.
    const expired = before.filter(({ name }) => name.startsWith('snapshot-'))[1]?.name;
    const { code, output } = await ours('snapshot', 'prune --env prod --dry-run');
    expect([code, snapshots()]).toEqual([0, before]);
    expect(output).toBe(`${expired} would be deleted\n`);
  });

  test('are deleted, and those of the schedule left to Google', async () => {
    const before = snapshots();
    const made = before.filter(({ name }) => name.startsWith('snapshot-'));
    expect(made).toHaveLength(3);
    const { output } = await ours('snapshot', 'prune --env prod');
    expect(output).toBe(`${made[1]?.name} is deleted\n`);
    expect(snapshots()).toEqual(before.filter(({ name }) => name !== made[1]?.name));
  });
});
