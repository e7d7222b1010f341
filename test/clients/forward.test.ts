import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { delimiter, join } from 'node:path';
import { type ForwardCommand, openForward } from '../../clients/forward';
import { apiTunnel, nodePortTunnel } from '../../clients/tunnel';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();
const env = { ...process.env, PATH: [folder, process.env['PATH']].join(delimiter) };
const asked = join(folder, 'asked.json');

/** Writes down what it is asked, and opens the local port it is told; or does what `body` says. */
function fakeGcloud(body = 'listen();'): void {
  const file = join(folder, 'gcloud');
  writeFileSync(
    file,
    `#!/usr/bin/env node
const args = process.argv.slice(2);
require('node:fs').writeFileSync(${JSON.stringify(asked)}, JSON.stringify(args));
const [, host, port] = /--local-host-port=(\\w+):(\\d+)/.exec(args.join(' '));
const listen = () => require('node:net').createServer((socket) => socket.end()).listen(Number(port), '127.0.0.1');
${body}
`,
  );
  chmodSync(file, 0o755);
}

function listening(port = 0): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function tunnel(): Promise<ForwardCommand> {
  const server = await listening();
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return apiTunnel({ project: 'demo-project', zone: 'us-east1-b', name: 'threads-prod-vm', localPort: port });
}

test('a tunnel is open until it is closed, and then the port is free', async () => {
  fakeGcloud();
  const command = await tunnel();
  const forward = await openForward(command, env);
  await expect(listening(command.port)).rejects.toThrow('EADDRINUSE');
  await forward.close();
  (await listening(command.port)).close();
  expect(JSON.parse(readFileSync(asked, 'utf8'))).toEqual([
    'compute',
    'start-iap-tunnel',
    'threads-prod-vm',
    '6443',
    `--local-host-port=localhost:${command.port}`,
    '--project=demo-project',
    '--zone=us-east1-b',
    '--quiet',
  ]);
});

test('refuses a port that is in use before it starts the program', async () => {
  fakeGcloud(`require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'started'))}, '');`);
  const command = await tunnel();
  const other = await listening(command.port);
  await expect(openForward(command, env)).rejects.toThrow(
    `local port ${command.port} is already in use, perhaps by another tunnel; stop the program that listens on it`,
  );
  expect(existsSync(join(folder, 'started'))).toBe(false);
  other.close();
});

test('quotes a program that ends instead of opening the port', async () => {
  fakeGcloud("console.error('ERROR: 4033: not authorized'); process.exit(1);");
  const command = await tunnel();
  await expect(openForward(command, env)).rejects.toThrow(
    `gcloud did not open port ${command.port}: ERROR: 4033: not authorized`,
  );
});

test('names a program that is not installed', async () => {
  const command = { ...(await tunnel()), command: 'gcloud-of-nobody' };
  await expect(openForward(command, env)).rejects.toThrow('gcloud-of-nobody is not installed, or not on PATH');
});

test('reports that a tunnel has ended', async () => {
  fakeGcloud("listen().on('connection', () => { console.error('connection lost'); process.exit(1); });");
  const forward = await openForward(await tunnel(), env);
  expect(await forward.ended).toBe('connection lost');
  await forward.close();
});

test('a port of the node is reached over SSH through Identity-Aware Proxy', () => {
  const vm = { project: 'demo-project', zone: 'us-east1-b', name: 'threads-prod-vm', localPort: 3000 };
  expect(nodePortTunnel(vm, 30_000).args.join(' ')).toBe(
    'compute ssh threads-prod-vm --project=demo-project --zone=us-east1-b --tunnel-through-iap --ssh-key-expire-after=1h ' +
      '--quiet -- -N -o ExitOnForwardFailure=yes -L 127.0.0.1:3000:localhost:30000',
  );
});

test('a signal ends the program even before the port is open', async () => {
  rmSync(asked, { force: true });
  fakeGcloud('setInterval(() => {}, 1000);');
  const forward = openForward(await tunnel(), env);
  const refused = expect(forward).rejects.toThrow(/^gcloud did not open port \d+: exit code null$/);
  while (!existsSync(asked)) await new Promise((resolve) => setImmediate(resolve));
  process.emit('SIGTERM');
  await refused;
});
