import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openForward } from '../../clients/forward';
import { apiTunnel, nodePortTunnel } from '../../clients/tunnel';
import { disk } from '../../sandbox/google/compute/disk';
import { instance } from '../../sandbox/google/compute/instance';
import { network } from '../../sandbox/google/compute/network';
import { serviceAccount } from '../../sandbox/google/iam/service-accounts';
import { ComputeApi } from '../../sandbox/google/rest/compute';
import { handleHmacKeys } from '../../sandbox/google/rest/hmac-keys';
import { listen } from '../../sandbox/http';
import { World } from '../../sandbox/world';

const GCLOUD = join(__dirname, '../../sandbox/shims/gcloud');

let sandbox: Server;
/** What the sandbox says of the VM's kubeconfig. */
let status = 200;

beforeAll(async () => {
  sandbox = createServer((request, response) => {
    const isKubeconfig = request.url === '/kubeconfig?project=demo-project&zone=us-east1-b&instance=threads-prod-vm';
    response.writeHead(isKubeconfig ? status : 200).end(isKubeconfig ? 'failed to connect to backend\n' : request.url);
  });
  await new Promise<void>((listening) => sandbox.listen(0, '127.0.0.1', listening));
});
afterAll(() => sandbox.close());

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function vm() {
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const localPort = portOf(other);
  await new Promise((closed) => other.close(closed));
  return { project: 'demo-project', zone: 'us-east1-b', name: 'threads-prod-vm', localPort };
}

const env = () => ({ ...process.env, STRATA_SANDBOX: `http://127.0.0.1:${portOf(sandbox)}` });

test('a tunnel to the API server ends at the sandbox, where all of them are', async () => {
  status = 200;
  const command = { ...apiTunnel(await vm()), command: GCLOUD };
  const forward = await openForward(command, env());
  const answer = await fetch(`http://127.0.0.1:${command.port}/clusters/one`, { headers: { connection: 'close' } });
  expect(await answer.text()).toBe('/clusters/one');
  await forward.close();
});

test('a VM that does not answer has no tunnel', async () => {
  status = 503;
  const command = { ...apiTunnel(await vm()), command: GCLOUD };
  await expect(openForward(command, env())).rejects.toThrow('failed to connect to backend');
});

test('a port of a node is refused: nothing serves there', async () => {
  status = 200;
  const command = { ...nodePortTunnel(await vm(), 30_000), command: GCLOUD };
  await expect(openForward(command, env())).rejects.toThrow('what runs in its pods serves nothing');
});

test('an HMAC key is created for a service account that exists, in the format asked for, and looks like no real one', async () => {
  const world = World.inMemory();
  await serviceAccount.create(
    { account_id: 'shop-backup' },
    { world, provider: { project: 'demo-project' }, home: '' },
  );
  const api = await listen(0, [(request, response) => handleHmacKeys(world, request, response)]);
  const storage = { ...process.env, STRATA_STORAGE_ENDPOINT: `${api.baseUrl}/`, GOOGLE_OAUTH_ACCESS_TOKEN: 'false' };
  const create = (account: string, ...words: string[]) =>
    new Promise((done) => {
      const email = `${account}@demo-project.iam.gserviceaccount.com`;
      const args = ['storage', 'hmac', 'create', email, '--project', 'demo-project', ...words];
      execFile(GCLOUD, args, { env: storage }, (error, stdout, stderr) =>
        done({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  expect(await create('shop-backup', '--format', 'value(metadata.accessId,secret)')).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^sandbox-key-\d+\tsandbox-secret-\d+-worth-nothing\n$/),
    stderr: '',
  });
  expect(await create('shop-backup')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'gcloud storage hmac create: the sandbox knows --format json and value(KEY,...)\n',
  });
  expect(await create('nobody', '--format=json')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'ERROR: (gcloud.storage.hmac.create) HTTPError 404: ' +
      "Service Account 'nobody@demo-project.iam.gserviceaccount.com' not found in project demo-project.\n",
  });
  await api.close();
});

test('a VM is stopped, started and deleted, with its disks when that is asked for', async () => {
  const world = World.inMemory();
  const where = { project: 'p', zone: 'us-east1-b' };
  const context = { world, provider: where, home: '' };
  await world.clock.busy(async () => {
    await network.create({ name: 'net', project: 'p' }, context);
    await disk.create({ name: 'boot', image: 'debian-cloud/debian-12', size: 20 }, context);
    const vm = { name: 'vm', machine_type: 'e2-medium', network_interface: [{ network: 'net' }] };
    await instance.create({ ...vm, boot_disk: [{ source: 'boot', auto_delete: false }] }, context);
  });
  const api = await listen(0, [new ComputeApi(world).handle]);
  const gcloud = async (...words: string[]) => {
    const args = ['compute', ...words, '--project', 'p', '--zone', 'us-east1-b', '--quiet'];
    const endpoint = { STRATA_COMPUTE_ENDPOINT: `${api.baseUrl}/`, GOOGLE_OAUTH_ACCESS_TOKEN: 'false' };
    const said = promisify(execFile)(GCLOUD, args, { env: { ...process.env, ...endpoint } });
    return (await said.catch((error: { stderr: string }) => error)).stderr;
  };
  const at = 'projects/p/zones/us-east1-b';
  try {
    expect(await gcloud('disks', 'delete', 'boot')).toContain(`is already being used by '${at}/instances/vm'`);
    expect(await gcloud('instances', 'stop', 'vm')).toBe(`Stopped [${at}/instances/vm].\n`);
    expect(world.data.machines[`${at}/instances/vm`]?.state).toBe('stopped');
    expect(await gcloud('instances', 'start', 'vm')).toBe(`Started [${at}/instances/vm].\n`);
    expect(await gcloud('instances', 'delete', 'vm', '--delete-disks=all')).toBe(
      `Deleted [${at}/instances/vm].\nDeleted [${at}/disks/boot].\n`,
    );
    expect(await gcloud('instances', 'delete', 'vm')).toContain(`The resource '${at}/instances/vm' was not found`);
  } finally {
    await api.close();
  }
});
