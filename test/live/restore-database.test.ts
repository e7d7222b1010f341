import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lacking, suiteUnless } from '../helpers/lane';
import { POSTGRES, Postgres } from '../helpers/postgres';
import { ROOT } from '../helpers/sandbox-command';

const lacks = lacking(POSTGRES).map((name) => `${name} (Debian's package postgresql)`);

/** Runs what `kubectl exec` would run in the pod on this machine, as the user of the server. */
const KUBECTL = `#!/bin/bash
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`;

suiteUnless(lacks, 'database restore on a real PostgreSQL')('a database restore on a real PostgreSQL', () => {
  const server = new Postgres('threads');
  const bin = server.folder('bin');
  const dump = join(server.folder('dumps'), 'threads.dump');

  /** `npm run restore -- --database` for an environment on an existing cluster, which needs no tunnel. */
  function restore(...args: string[]): Promise<{ code: number; output: string }> {
    const env = { ...server.env, HOME: server.home, PATH: `${bin}:${process.env['PATH']}`, POSTGRES_USER: 'threads' };
    const words = ['-r', './register.cjs', 'scripts/restore.ts', '--env', 'local', '--database', 'threads', ...args];
    return new Promise((done) => {
      execFile('node', words, { cwd: ROOT, env }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });
  }

  const count = (table: string, database = 'threads') => server.query(database, `SELECT count(*) FROM ${table}`);
  const databases = () =>
    server.query('postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'threads%' ORDER BY 1").split('\n');

  beforeAll(() => {
    writeFileSync(join(bin, 'kubectl'), KUBECTL, { mode: 0o755 });
    mkdirSync(join(server.home, '.kube'), { recursive: true });
    writeFileSync(join(server.home, '.kube', 'config'), 'apiVersion: v1\nkind: Config\n');
    server.start();
    server.query('postgres', 'CREATE ROLE reader LOGIN');
    server.query('postgres', 'CREATE DATABASE threads');
    server.query('postgres', 'REVOKE ALL ON DATABASE threads FROM PUBLIC');
    server.query('postgres', 'GRANT CONNECT ON DATABASE threads TO reader');
    server.query('postgres', "ALTER DATABASE threads SET statement_timeout = '42s'");
    server.query('threads', 'CREATE TABLE post AS SELECT generate_series(1, 1000) AS id');
    server.query('threads', 'CREATE TABLE "Odd ""name" AS SELECT 1 AS id');
    server.run('pg_dump', ['--format=custom', `--file=${dump}`, 'threads']);
    server.query('threads', 'DELETE FROM post WHERE id > 10');
  });
  afterAll(() => server.stop());

  test('a dry run counts the rows of both and changes nothing', async () => {
    const shown = await restore('--dump', dump, '--dry-run');
    expect(shown).toMatchObject({ code: 0, output: expect.stringMatching(/public\.post +1000 +10\n/) });
    expect([count('post'), databases()]).toEqual(['10', ['threads', 'threads_restore']]);
  });

  test('rows come back, with the permissions and settings of the database, and a client is disconnected', async () => {
    execFile('bash', ['-c', "psql -d threads -c 'SELECT pg_sleep(60)'"], server.spawnOptions(), () => {});
    const restored = await restore('--dump', dump, '--yes');
    expect(restored).toMatchObject({ code: 0, output: expect.stringMatching(/threads has the rows of the dump/) });
    expect(count('post')).toBe('1000');
    expect(server.query('threads', 'SHOW statement_timeout')).toBe('42s');
    const may = (role: string) =>
      server.query('postgres', `SELECT has_database_privilege('${role}', 'threads', 'CONNECT')`);
    expect([may('reader'), may('public')]).toEqual(['t', 'f']);
    expect(databases()).toEqual(['threads', expect.stringMatching(/^threads_before_\d{14}$/)]);
    expect(count('post', databases()[1])).toBe('10');
  });

  test('the way back brings the rows of before, and keeps the others aside', async () => {
    expect(await restore('--abandon', '--yes')).toMatchObject({ code: 0 });
    expect([count('post'), count('post', 'threads_restore')]).toEqual(['10', '1000']);
  });

  test('a dump that lacks a table is refused, and nothing has changed', async () => {
    server.query('threads', 'CREATE TABLE newer AS SELECT 7 AS id');
    const refused = await restore('--dump', dump, '--yes');
    expect(refused.code).toBe(3);
    expect(refused.output).toContain('public.newer has 1 row now, and is not in the dump');
    expect([count('newer'), count('post')]).toEqual(['1', '10']);
    expect(await restore('--dump', dump, '--yes', '--allow-missing')).toMatchObject({ code: 0 });
    expect(count('post')).toBe('1000');
  });

  test('half a dump is refused by pg_restore, and nothing has changed', async () => {
    const half = join(server.folder('dumps'), 'half.dump');
    server.run('bash', ['-c', `head -c 2500 ${dump} > ${half}`]);
    const before = count('post');
    const refused = await restore('--dump', half, '--yes');
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('pg_restore in pod postgres-0 failed') });
    expect(count('post')).toBe(before);
  });

  test('a swap that was interrupted leaves a closed database, which the next run opens again', async () => {
    server.query('postgres', 'ALTER DATABASE threads ALLOW_CONNECTIONS false');
    expect(await restore('--dump', dump, '--yes')).toMatchObject({ code: 0 });
    expect(count('post')).toBe('1000');
  });

  test('what was put aside is deleted at the end', async () => {
    expect(await restore('--finish')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/threads_before_\d{14} deleted/),
    });
    expect(databases()).toEqual(['threads']);
  });
});
