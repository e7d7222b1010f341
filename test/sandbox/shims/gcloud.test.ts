import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openForward } from '../../../cloud/forward';
import { apiTunnel, nodePortTunnel } from '../../../cloud/tunnel';

const GCLOUD = join(__dirname, '../../../sandbox/shims/gcloud');

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
