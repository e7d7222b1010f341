import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMPONENTS = join(__dirname, '../../../k8s/components');
const has = spawnSync('bash', ['-c', 'command -v initdb pg_ctl psql pg_dump pg_restore']).status === 0;
if (!has)
  process.stdout.write(
    'skipped: the scripts of PostgreSQL, for initdb, pg_ctl, psql, pg_dump and pg_restore are not installed\n',
  );

// PostgreSQL refuses to run as root; in a pod it is user 999.
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const home = mkdtempSync(join(tmpdir(), 'pg-'));
const passwords = folder('passwords');
const databases = folder('databases');
const socket = folder('socket');
const env = {
  PATH: process.env['PATH'],
  PGHOST: socket,
  PGUSER: 'postgres_sa',
  PASSWORDS: passwords,
  DATABASES: databases,
  MARKS: folder('marks'),
};

function folder(name: string): string {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  for (const one of [home, path]) if (user.uid) chownSync(one, user.uid, user.gid);
  chmodSync(home, 0o755);
  return path;
}

/** Runs a command to its end; nothing that it leaves running holds our pipes. */
function run(command: string, args: readonly string[], more: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(command, args, { ...user, cwd: home, env: { ...env, ...more }, encoding: 'utf8' });
}

const apply = () => run('bash', [join(COMPONENTS, 'postgres-databases/databases.sh'), 'apply']);
const query = (database: string, sql: string, more: Record<string, string> = {}) =>
  run('psql', ['-XAtq', '--dbname', database, '--command', sql], more).stdout.trim();
/** A connection with a password, as a service makes it. */
const signIn = (database: string, role: string, password: string) =>
  run('psql', ['-XAtq', '--host=127.0.0.1', '--dbname', database, '--command', 'SELECT 1'], {
    PGUSER: role,
    PGPASSWORD: password,
  }).status === 0;

const suite = has ? describe : describe.skip;

suite('on a real PostgreSQL', () => {
  beforeAll(() => {
    writeFileSync(join(passwords, 'postgres_sa'), 'first');
    writeFileSync(join(passwords, 'account_service_db_user'), `it's "quoted"\n`);
    writeFileSync(
      join(databases, 'databases'),
      '# database owner\naccount_db account_service_db_user\nappdb postgres_sa\n',
    );
    writeFileSync(join(databases, 'extensions'), 'uuid-ossp\npg_trgm\n');
    writeFileSync(join(databases, 'schemas'), 'reference\nconfig\naudit\n');
    const data = join(home, 'data');
    const port = 20_000 + (process.pid % 20_000);
    Object.assign(env, { PGPORT: String(port) });
    run('initdb', [
      '--pgdata',
      data,
      '--username=postgres_sa',
      '--auth-local=trust',
      '--auth-host=scram-sha-256',
      '--no-sync',
    ]);
    const options = `-p ${port} -k ${socket} -c listen_addresses=127.0.0.1 -c fsync=off`;
    const started = run('pg_ctl', [
      '--pgdata',
      data,
      '--wait',
      '--log',
      join(home, 'log'),
      '--options',
      options,
      'start',
    ]);
    expect(started.status).toBe(0);
  });

  afterAll(() => {
    run('pg_ctl', ['--pgdata', join(home, 'data'), '--mode=immediate', 'stop']);
    rmSync(home, { recursive: true, force: true });
  });

  test('an empty server gets all that is asked for, and a second run changes nothing', () => {
    const state = () =>
      query('account_db', "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1") +
      query(
        'account_db',
        "SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname IN ('reference', 'config', 'audit') ORDER BY 1",
      );
    expect(apply()).toMatchObject({ status: 0, stderr: '' });
    const before = state();
    expect(before).toContain('pg_trgm\nuuid-ossp');
    expect(before).toContain('audit|account_service_db_user');
    expect(apply()).toMatchObject({ status: 0, stderr: '' });
    expect(state()).toBe(before);
  });

  test("a service reaches its own database and no other's", () => {
    expect(signIn('account_db', 'account_service_db_user', `it's "quoted"`)).toBe(true);
    expect(signIn('appdb', 'account_service_db_user', `it's "quoted"`)).toBe(false);
  });

  test("passwords change when their files do, the superuser's included", () => {
    writeFileSync(join(passwords, 'postgres_sa'), 'second');
    writeFileSync(join(passwords, 'account_service_db_user'), 'new');
    expect(apply().status).toBe(0);
    expect(signIn('account_db', 'account_service_db_user', 'new')).toBe(true);
    expect(signIn('account_db', 'account_service_db_user', `it's "quoted"`)).toBe(false);
    expect(signIn('appdb', 'postgres_sa', 'second')).toBe(true);
  });

  test('a password that is still the one of the template is refused, and nothing is set', () => {
    writeFileSync(join(passwords, 'account_service_db_user'), 'StrongBase64Password');
    const { status, stderr } = apply();
    writeFileSync(join(passwords, 'account_service_db_user'), 'new');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'role "account_service_db_user" still has the password of the template, "StrongBase64Password"; put a real one into its Secret\n',
    );
    expect(signIn('account_db', 'account_service_db_user', 'new')).toBe(true);
  });

  test('what was dumped comes back in a server of its own, and a damaged dump is noticed', () => {
    const backup = folder('backup');
    query('account_db', 'CREATE TABLE reference.city AS SELECT 1 AS id');
    /** A script with its folders moved to where this test may write. */
    const script = (name: string, scratch: string) => {
      const text = readFileSync(join(COMPONENTS, 'postgres-backup', name), 'utf8');
      const path = join(home, name);
      writeFileSync(path, text.replaceAll('/backup', backup).replaceAll('/scratch', scratch));
      return run('bash', [path], {
        DATABASES: 'account_db appdb',
        ...(name === 'restore.sh' ? { PGPORT: '5432' } : {}),
      });
    };
    expect(script('dump.sh', '').status).toBe(0);
    const restored = script('restore.sh', folder('scratch'));
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.stdout).toContain('account_db: restored, 1 tables\nappdb: restored, 0 tables');

    const file = join(backup, 'account_db.dump');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 400));
    expect(script('restore.sh', folder('scratch-2')).status).not.toBe(0);
  });
});

test('the scripts are bash without a syntax error', () => {
  for (const file of ['postgres-databases/databases.sh', 'postgres-backup/dump.sh', 'postgres-backup/restore.sh'])
    execFileSync('bash', ['-n', join(COMPONENTS, file)]);
});
