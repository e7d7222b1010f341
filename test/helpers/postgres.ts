import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The programs of PostgreSQL that tests run. */
export const POSTGRES = ['initdb', 'pg_ctl', 'psql', 'pg_dump', 'pg_restore'];

/** PostgreSQL refuses to run as root; in a pod it is user 999. */
const USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A real PostgreSQL server in a temporary folder: its socket trusts everyone, and TCP asks for a password. */
export class Postgres {
  /** Its temporary folder, which every user may read. */
  readonly home = mkdtempSync(join(tmpdir(), 'pg-'));
  /** What its clients need, and what is added by tests. */
  readonly env: NodeJS.ProcessEnv;

  constructor(private readonly superuser: string) {
    this.env = {
      PATH: process.env['PATH'],
      PGHOST: this.folder('socket'),
      PGUSER: superuser,
      PGPORT: String(20_000 + (process.pid % 20_000)),
    };
  }

  /** A folder that belongs to the user that the server runs as. */
  folder(name: string): string {
    const path = join(this.home, name);
    mkdirSync(path, { recursive: true });
    for (const one of [this.home, path]) if (USER.uid) chownSync(one, USER.uid, USER.gid);
    chmodSync(this.home, 0o755);
    return path;
  }

  /** Runs a command to its end, as that user; nothing that it leaves running holds our pipes. */
  run(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
    return spawnSync(command, args, { ...this.spawnOptions(more), encoding: 'utf8' });
  }

  /** How a command runs as that user. */
  spawnOptions(more: NodeJS.ProcessEnv = {}) {
    return { ...USER, cwd: this.home, env: { ...this.env, ...more } };
  }

  /** @throws Error when it does not start. */
  start(): void {
    const { PGHOST, PGPORT } = this.env;
    const pgdata = ['--pgdata', join(this.home, 'data')];
    const auth = ['--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'];
    this.run('initdb', [...pgdata, `--username=${this.superuser}`, ...auth]);
    const options = `-p ${PGPORT} -k ${PGHOST} -c listen_addresses=127.0.0.1 -c fsync=off`;
    const args = [...pgdata, '--wait', '--log', join(this.home, 'log'), '--options', options, 'start'];
    const { status, stderr } = this.run('pg_ctl', args);
    if (status !== 0) throw new Error(`PostgreSQL does not start: ${stderr}`);
  }

  /** Ends the server and removes its folder. */
  stop(): void {
    this.run('pg_ctl', ['--pgdata', join(this.home, 'data'), '--mode=immediate', 'stop']);
    rmSync(this.home, { recursive: true, force: true });
  }

  query(database: string, sql: string): string {
    return this.run('psql', ['-XAtq', '--dbname', database, '--command', sql]).stdout.trim();
  }

  /** Whether a connection with a password is accepted, as a service makes it. */
  signIn(database: string, role: string, password: string): boolean {
    const args = ['-XAtq', '--host=127.0.0.1', '--dbname', database, '--command', 'SELECT 1'];
    return this.run('psql', args, { PGUSER: role, PGPASSWORD: password }).status === 0;
  }
}
