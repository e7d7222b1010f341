import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './helpers/folder';

const ROOT = resolve(__dirname, '../..');
const REGISTER = join(ROOT, 'register.cjs');
const SENTINEL = 'sentinel-9b2e';

/** Whether the kernel lets this user create the namespaces. */
const allowed = spawnSync('unshare', ['--map-root-user', '--net', '--mount', 'true']).status === 0;

const folder = temporaryFolder();
const home = join(folder, 'home');
mkdirSync(join(home, '.ssh'), { recursive: true });
mkdirSync(join(home, "it's work"));
writeFileSync(join(home, '.ssh', 'id'), SENTINEL);
writeFileSync(join(home, '.netrc'), SENTINEL);

/** Runs a shell script as a command of the sandbox, started as npm does. */
function inside(script: string): Promise<{ code: number | null; output: string }> {
  const program =
    `const { isolate } = require('./sandbox/isolation'); const { runInside } = require('./sandbox/command');` +
    `const isolation = isolate([process.env.HOME + "/it's work"]); console.log(isolation.sentence);` +
    `runInside(process.env, 'sh', ['-c', process.argv[1]], { isolation }).then((code) => { process.exitCode = code; })`;
  return new Promise((done) => {
    const node = ['node', '-r', REGISTER, '-e', program, script];
    const child = spawn('sh', ['sandbox/isolated.sh', ...node], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: home, GITHUB_TOKEN: SENTINEL },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('close', (code) => done({ code, output }));
  });
}

test('the environment of who has started the sandbox is in none of its processes', async () => {
  const { code, output } = await inside('cat /proc/$PPID/environ | tr "\\0" "\\n"; env');
  expect(code).toBe(0);
  expect(output).toContain(`HOME=${home}`);
  expect(output).not.toContain(SENTINEL);
});

(allowed ? describe : describe.skip)('where the kernel allows namespaces', () => {
  test('a command reaches the loopback address inside, and neither the network nor the loopback address outside', async () => {
    const outside = createServer().listen(0, '127.0.0.1');
    await once(outside, 'listening');
    const { port } = outside.address() as { port: number };
    const reach = (host: string, to: number) =>
      `require('net').connect(${to}, '${host}').on('connect', () => { console.log('reached'); process.exit() })` +
      `.on('error', (error) => console.log(error.code))`;
    const own =
      "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log('own ' + s.address().family); s.close() })";
    const { output } = await inside(
      `node -e "${reach('192.0.2.1', 80)}"; node -e "${reach('127.0.0.1', port)}"; node -e "${own}"`,
    );
    outside.close();
    expect(output).toBe(
      'commands run with false credentials, and without a network; the home folder is read-only, and credentials in it are hidden\n' +
        'ENETUNREACH\nECONNREFUSED\nown IPv4\n',
    );
  });

  test('a command sees no credentials in the real home folder, and writes only where it may', async () => {
    const { output } = await inside(
      `cat "${home}/.ssh/id" "${home}/.netrc"; echo x > "${home}/notes"; echo x > "${home}/it's work/notes"; id -u`,
    );
    expect(output).not.toContain(SENTINEL);
    expect(output).toContain('Read-only file system');
    expect(output).toContain(`\n${process.getuid?.()}\n`);
    expect(readFileSync(join(home, "it's work", 'notes'), 'utf8')).toBe('x\n');
    expect(readFileSync(join(home, '.ssh', 'id'), 'utf8')).toBe(SENTINEL);
  });

  test('a command cannot read the environment of processes outside', async () => {
    const { output } = await inside(`cat /proc/${process.pid}/environ`);
    expect(output).toMatch(/Permission denied/);
  });
});

test('a process that was not started so claims nothing', () => {
  const said = spawnSync(
    'node',
    ['-r', REGISTER, '-e', "console.log(require('./sandbox/isolation').isolate([]).sentence)"],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(said.stdout).toMatch(/; they can read and write files of the home folder by absolute paths\n$/);
});
