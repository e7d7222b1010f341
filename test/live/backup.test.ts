import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { objectsOf } from '../../manifests/checks/render';
import { freePorts } from '../cluster/envtest';
import { ENVIRONMENTS } from '../helpers/environments';
import { lacking, suiteUnless } from '../helpers/lane';
import { POSTGRES, Postgres } from '../helpers/postgres';
import type { Json } from '../helpers/synth';

const PATH = [process.env['LIVE_BIN'], process.env['PATH']].filter(Boolean).join(':');
const canServe = spawnSync('rclone', ['serve', 's3', '--help'], { env: { PATH } }).status === 0;
const lacks = [
  ...lacking(POSTGRES, PATH).map((name) => `${name} (Debian's package postgresql)`),
  ...(canServe ? [] : ['rclone with serve s3, 1.65 or later, on PATH or in LIVE_BIN']),
];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = ENVIRONMENTS.find(({ platform, env }) => platform === 'threads' && env === 'prod');
const objects = environment ? objectsOf(environment) : [];
const named = (kind: string, name: string) =>
  objects.find(({ kind: one, metadata }) => one === kind && metadata.name.replace(/-[0-9a-z]{10}$/, '') === name);
const container = (job: string, name: string): Json => {
  const { initContainers, containers } = named('CronJob', job).spec.jobTemplate.spec.template.spec;
  return [...initContainers, ...containers].find((one) => one.name === name);
};

suiteUnless(lacks, 'backups of a real PostgreSQL')('backups of threads on a real PostgreSQL and S3 server', () => {
  const server = new Postgres('postgres');
  Object.assign(server.env, { PATH, PASSWORDS: server.folder('passwords'), DATABASES: server.folder('databases') });
  const [key, secret] = [randomBytes(8).toString('hex'), randomBytes(16).toString('hex')];
  const bucket: string = named('ConfigMap', 'object-storage').data.BUCKET;
  const objectStore = join(server.home, 's3');
  const denied: string[] = [];
  let rclone: ChildProcess;
  let gate: Server;
  let endpoint: string;

  beforeAll(async () => {
    server.start();
    writeFileSync(join(String(server.env['PASSWORDS']), 'threads'), 'first');
    writeFileSync(join(String(server.env['DATABASES']), 'databases'), 'threads threads\n');
    expect(databases('apply')).toMatchObject({ status: 0, stderr: '' });
    server.query('threads', 'CREATE TABLE post AS SELECT generate_series(1, 1000) AS id');
    mkdirSync(join(objectStore, bucket), { recursive: true });
    const [upstream, port] = (await freePorts(2)) as [number, number];
    const args = [
      'serve',
      's3',
      '--config=',
      `--addr=127.0.0.1:${upstream}`,
      `--auth-key=${key},${secret}`,
      objectStore,
    ];
    rclone = spawn('rclone', args, { env: { PATH, HOME: server.home }, stdio: 'ignore' });
    gate = startGate(upstream).listen(port, '127.0.0.1');
    endpoint = `http://127.0.0.1:${port}`;
    while ((await upload(`rclone lsf --config= --retries=1 storage:${bucket}`)).status !== 0) await setTimeout(200);
  });
  afterAll(() => {
    gate.close();
    rclone.kill('SIGKILL');
    server.stop();
  });

  /** Lets all pass but what roles/storage.objectCreator and objectViewer deny: to delete an object, or to overwrite one. */
  function startGate(port: number): Server {
    return createServer((incoming, answer) => {
      const { method, headers, url = '' } = incoming;
      const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
      if (
        method === 'DELETE' ||
        (method === 'PUT' && path.split('/').length > 2 && existsSync(join(objectStore, path)))
      ) {
        denied.push(`${method} ${path}`);
        incoming.resume().once('end', () => answer.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'));
        return;
      }
      const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      passed.once('error', () => answer.writeHead(502).end());
      incoming.pipe(passed);
    });
  }

  /**
   * Runs a shell script of a container with its folders in the test's. Not synchronously: the gate answers from this process.
   */
  function script(
    text: string,
    folders: Readonly<Record<string, string>>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Ended> {
    const local = Object.entries(folders).reduce((all, [from, to]) => all.replaceAll(from, to), text);
    const child = spawn('bash', ['-c', local], { ...server.spawnOptions(env), stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (part: string) => {
        output[name] += part;
      });
    return new Promise((resolve) => child.once('exit', (status) => resolve({ status, ...output })));
  }

  const databases = (...args: readonly string[]) =>
    server.run('bash', ['-c', `${scriptOf('postgres-init', 'databases.sh')}`, 'databases.sh', ...args]);
  const scriptOf = (map: string, file: string): string => named('ConfigMap', map).data[file];
  const storage = () => ({
    ...named('ConfigMap', 'object-storage').data,
    RCLONE_CONFIG_STORAGE_ENDPOINT: endpoint,
    RCLONE_CONFIG_STORAGE_ACCESS_KEY_ID: key,
    RCLONE_CONFIG_STORAGE_SECRET_ACCESS_KEY: secret,
    HOME: server.folder('tmp'),
  });
  const upload = (text: string, backup = '', pod = '') =>
    script(text, { '/backup': backup }, { ...storage(), POD: pod });

  /** One attempt of the backup's job: dump, then upload. */
  async function backUp(pod: string): Promise<Ended> {
    const backup = server.folder(`backup-${pod}`);
    const { DATABASES } = named('ConfigMap', 'postgres-backup').data;
    const dumped = await script(scriptOf('postgres-backup-scripts', 'dump.sh'), { '/backup': backup }, { DATABASES });
    expect(dumped).toMatchObject({ status: 0, stderr: '' });
    const [text] = container('postgres-backup', 'upload').args;
    return upload(text, backup, pod);
  }

  /** The weekly restore. */
  async function restore(name: string): Promise<Ended> {
    const backup = server.folder(`restored-${name}`);
    const [text] = container('postgres-restore-test', 'download').args;
    const downloaded = await upload(text, backup);
    if (downloaded.status !== 0) return downloaded;
    const { DATABASES } = named('ConfigMap', 'postgres-backup').data;
    const folders = { '/backup': backup, '/scratch': server.folder(`scratch-${name}`) };
    return script(scriptOf('postgres-backup-scripts', 'restore.sh'), folders, { DATABASES, PGPORT: '5432' });
  }

  test('a restore without a backup fails, and says so', async () => {
    expect(await restore('nothing')).toMatchObject({ status: 1, stderr: `no backup in bucket ${bucket}\n` });
  });

  test('what a backup writes comes back, without deleting or overwriting anything', async () => {
    expect((await backUp('postgres-backup-29390535-aaaaa')).status).toBe(0);
    expect(await restore('first')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('threads: restored, 1 tables'),
    });
    expect(denied).toEqual([]);
  });

  test('a second attempt of the same job writes to another folder', async () => {
    expect((await backUp('postgres-backup-29390535-bbbbb')).status).toBe(0);
    expect(readdirSync(join(objectStore, bucket)).length).toBe(2);
    expect(denied).toEqual([]);
  });

  test('an attempt that was cut off is not the one that is restored', async () => {
    mkdirSync(join(objectStore, bucket, 'postgres-backup-29390999-ccccc'));
    writeFileSync(join(objectStore, bucket, 'postgres-backup-29390999-ccccc/threads.dump'), 'half a du');
    expect((await restore('second')).status).toBe(0);
  });

  test('the key of a backup can neither overwrite nor delete', async () => {
    const object = `storage:${bucket}/postgres-backup-29390535-aaaaa/complete`;
    const options = '--config= --retries=1 --low-level-retries=1';
    expect((await upload(`echo other | rclone rcat ${options} ${object}`)).status).not.toBe(0);
    expect((await upload(`rclone deletefile ${options} ${object}`)).status).not.toBe(0);
    const methods = new Set(denied.map((one) => one.split(' ')[0]));
    expect([...methods].sort()).toEqual(['DELETE', 'PUT']);
  });

  test('a password that changes in its file is soon the one of the role', async () => {
    const passwords = join(String(server.env['PASSWORDS']), 'threads');
    writeFileSync(join(server.folder('init'), 'databases.sh'), scriptOf('postgres-init', 'databases.sh'));
    const running = spawn('bash', [join(server.home, 'init/databases.sh')], {
      ...server.spawnOptions({ MARKS: server.folder('marks') }),
      stdio: 'ignore',
    });
    const holds = async (password: string) => {
      while (!server.signIn('threads', 'threads', password)) await setTimeout(500);
    };
    try {
      while (!existsSync(join(server.home, 'marks/applied'))) await setTimeout(200);
      expect(server.signIn('threads', 'threads', 'first')).toBe(true);
      writeFileSync(passwords, 'second');
      await holds('second');
      expect(server.signIn('threads', 'threads', 'first')).toBe(false);
    } finally {
      running.kill('SIGKILL');
    }
  });
});
