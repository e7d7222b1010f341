import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { writeKubeconfig } from '../../clients/kubeconfig';
import { disk } from '../../sandbox/google/compute/disk';
import { instance } from '../../sandbox/google/compute/instance';
import { network } from '../../sandbox/google/compute/network';
import { startSandbox } from '../../sandbox/sandbox';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
const vm = { project: 'p', zone: 'us-east1-b', name: 'shop-prod-vm', localPort: 7443 };
const FILE = '~/.kube/strata/shop-prod.yaml';
const ADMIN = `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: https://10.10.0.10:6443
    certificate-authority-data: QQ==
  name: local
`;

/** How many times as long as it should each pause takes: a minute, where every call is a real process. */
const SLOW = 6;

/** A gcloud that answers what each call says, in order, the last one for ever; and a HOME. */
function gcloud(...answers: { code?: number; stdout?: string; stderr?: string }[]) {
  const root = join(folder, String(readdirSync(folder).length));
  mkdirSync(join(root, 'home'), { recursive: true });
  for (const [index, { code = 0, stdout = '', stderr = '' }] of answers.entries()) {
    writeFileSync(join(root, `${index}.out`), stdout);
    writeFileSync(join(root, `${index}.err`), stderr);
    writeFileSync(join(root, `${index}.code`), String(code));
  }
  writeFileSync(join(root, 'count'), '0\n');
  // Builtins alone: some tests call it two hundred times.
  const script = `#!/bin/bash
cd ${root}
echo "$*" >>calls
read -r n <count
echo $((n + 1)) >count
[ $n -lt ${answers.length} ] || n=${answers.length - 1}
IFS= read -r -d '' out <$n.out
IFS= read -r -d '' err <$n.err
read -r code <$n.code
printf %s "$out"
printf %s "$err" >&2
exit $code
`;
  writeFileSync(join(root, 'gcloud'), script);
  chmodSync(join(root, 'gcloud'), 0o755);
  const env = { HOME: join(root, 'home'), PATH: [root, process.env['PATH']].join(delimiter) };
  let time = 0;
  const clock = (pace: number) => ({
    now: () => time,
    sleep: async (ms: number) => {
      time += ms * pace;
    },
  });
  const file = join(root, 'home/.kube/strata/shop-prod.yaml');
  const calls = () => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');
  return { write: (pace = 1) => writeKubeconfig(vm, FILE, env, clock(pace)), file, calls, elapsed: () => time };
}

const UNREACHABLE = { code: 255, stderr: "failed to connect to backend'].\n" };
const NO_K0S = { code: 1, stderr: 'sudo: k0s: command not found\n' };
const NO_ADMIN = {
  code: 1,
  stderr:
    'Error: admin config "/var/lib/k0s/pki/admin.conf" not found, check if the control plane is initialized on this node\n',
};

test('fetches the kubeconfig through Identity-Aware Proxy, with a key that expires', async () => {
  const { write, calls } = gcloud({ stdout: ADMIN });
  await write();
  expect(calls()).toEqual([
    'compute ssh shop-prod-vm --project=p --zone=us-east1-b --tunnel-through-iap --ssh-key-expire-after=1h --quiet ' +
      '--command sudo k0s kubeconfig admin',
  ]);
});

test('it is written for its owner alone, and points to the tunnel', async () => {
  const { write, file } = gcloud({ stdout: ADMIN });
  expect(await write()).toBe(file);
  expect(parse(readFileSync(file, 'utf8')).clusters).toEqual([
    { name: 'local', cluster: { server: 'https://127.0.0.1:7443', 'certificate-authority-data': 'QQ==' } },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(file, '..'))).toEqual(['shop-prod.yaml']);
});

test('retries while a VM boots: without a server, without k0s, and before k0s has its certificates', async () => {
  const { write, file, calls, elapsed } = gcloud(UNREACHABLE, NO_K0S, NO_ADMIN, { stdout: ADMIN });
  expect(await write()).toBe(file);
  expect(calls()).toHaveLength(4);
  expect(elapsed()).toBe(30_000);
});

test.each([
  ['no server', UNREACHABLE],
  ['no k0s', NO_K0S],
  ['no certificates', NO_ADMIN],
])('gives up a VM that has %s after ten minutes, with its last error and where to look', async (_, answer) => {
  const { write, file, elapsed } = gcloud(answer);
  await expect(write(SLOW)).rejects.toThrow(
    'could not fetch the kubeconfig of shop-prod-vm: it did not answer within 10 minutes; ' +
      `last error: ${answer.stderr.trim()}\n` +
      'for the reason, see its console: gcloud compute instances get-serial-port-output shop-prod-vm --project=p --zone=us-east1-b',
  );
  expect(elapsed()).toBe(600_000);
  expect(existsSync(file)).toBe(false);
});

test.each([
  ['a missing permission', { code: 1, stderr: 'ERROR: (gcloud.compute.ssh) PERMISSION_DENIED\n' }, 'ERROR: (gcloud'],
  ['a VM with another error of sudo', { code: 2, stderr: 'sudo: a password is required\n' }, 'sudo: a password'],
  ['a gcloud that prints nothing', { code: 1 }, 'gcloud ended with exit code 1'],
  ['a login banner', { stdout: 'apiVersion of the weather: 1\n' }, 'the VM returned something other than a kubeconfig'],
  [
    'a key without a cluster',
    { stdout: 'apiVersion: v1\nkind: Secret\n' },
    'the VM returned something other than a kubeconfig',
  ],
])('%s ends at once, and nothing is written', async (_, answer, message) => {
  const { write, file, calls } = gcloud(answer);
  await expect(write()).rejects.toThrow(`could not fetch the kubeconfig of shop-prod-vm: ${message}`);
  expect(calls()).toHaveLength(1);
  expect(existsSync(file)).toBe(false);
});

test('what a VM answered is in no message: it may be a key', async () => {
  const error = await gcloud({ stdout: 'client-key-data: c2VjcmV0\n' })
    .write()
    .catch((caught: Error) => caught.message);
  expect(error).not.toContain('c2VjcmV0');
});

test('fetches the kubeconfig during the first boot once k0s has started, in the sandbox too', async () => {
  const sandbox = await startSandbox({ directory: join(folder, 'sandbox'), fresh: true });
  const { world } = sandbox;
  const context = { world, provider: { project: 'p', zone: 'us-east1-b' }, home: '' };
  try {
    await world.clock.busy(async () => {
      await network.create({ name: 'net', project: 'p' }, context);
      await disk.create({ name: 'boot', image: 'debian-cloud/debian-12', size: 20 }, context);
      const nic = { network: 'net', access_config: [{}] };
      await instance.create(
        {
          name: vm.name,
          machine_type: 'e2-medium',
          network_interface: [nic],
          boot_disk: [{ source: 'boot', auto_delete: false }],
          metadata: { 'startup-script': 'k0s install controller --single' },
        },
        context,
      );
      const answers: string[] = [];
      const began = world.clock.now();
      const clock = {
        now: () => world.clock.now(),
        sleep: async (ms: number) => {
          answers.push(String(world.data.machines[`projects/p/zones/us-east1-b/instances/${vm.name}`]?.state));
          // Twice as long as it should: each try starts a program.
          await world.clock.advance((2 * ms) / 1000);
        },
      };
      await writeKubeconfig(vm, FILE, sandbox.env, clock);
      expect([...new Set(answers)]).toEqual(['booting', 'starting']);
      expect((world.clock.now() - began) / 1000).toBeGreaterThanOrEqual(115);
    });
  } finally {
    await sandbox.close();
  }
});
