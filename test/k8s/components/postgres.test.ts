import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lacking, suiteUnless } from '../../helpers/lane';
import { POSTGRES, Postgres } from '../../helpers/postgres';

const COMPONENTS = join(__dirname, '../../../k8s/components');
const server = new Postgres('postgres_sa');
const passwords = server.folder('passwords');
const databases = server.folder('databases');
Object.assign(server.env, { PASSWORDS: passwords, DATABASES: databases, MARKS: server.folder('marks') });

const apply = () => server.run('bash', [join(COMPONENTS, 'postgres-databases/databases.sh'), 'apply']);

const suite = suiteUnless(lacking(POSTGRES), 'the scripts of PostgreSQL');

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
    server.start();
  });

  afterAll(() => server.stop());

  test('sets up an empty server, and changes nothing when it runs again', () => {
    const state = () =>
      server.query('account_db', "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1") +
      server.query(
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
    expect(server.signIn('account_db', 'account_service_db_user', `it's "quoted"`)).toBe(true);
    expect(server.signIn('appdb', 'account_service_db_user', `it's "quoted"`)).toBe(false);
  });

  test("passwords change when their files do, the superuser's included", () => {
    writeFileSync(join(passwords, 'postgres_sa'), 'second');
    writeFileSync(join(passwords, 'account_service_db_user'), 'new');
    expect(apply().status).toBe(0);
    expect(server.signIn('account_db', 'account_service_db_user', 'new')).toBe(true);
    expect(server.signIn('account_db', 'account_service_db_user', `it's "quoted"`)).toBe(false);
    expect(server.signIn('appdb', 'postgres_sa', 'second')).toBe(true);
  });

  test('a password that is still the one of the template is refused, and nothing is set', () => {
    writeFileSync(join(passwords, 'account_service_db_user'), 'StrongBase64Password');
    const { status, stderr } = apply();
    writeFileSync(join(passwords, 'account_service_db_user'), 'new');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'role "account_service_db_user" still has the password of the template, "StrongBase64Password"; put a real one into its Secret\n',
    );
    expect(server.signIn('account_db', 'account_service_db_user', 'new')).toBe(true);
  });

  test('restores a dump into a temporary server, and fails for a damaged dump', () => {
    const backup = server.folder('backup');
    server.query('account_db', 'CREATE TABLE reference.city AS SELECT 1 AS id');
    /** A script with its folders moved to where this test may write. */
    const script = (name: string, scratch: string) => {
      const text = readFileSync(join(COMPONENTS, 'postgres-backup', name), 'utf8');
      const path = join(server.home, name);
      writeFileSync(path, text.replaceAll('/backup', backup).replaceAll('/scratch', scratch));
      return server.run('bash', [path], {
        DATABASES: 'account_db appdb',
        ...(name === 'restore.sh' ? { PGPORT: '5432' } : {}),
      });
    };
    expect(script('dump.sh', '').status).toBe(0);
    const restored = script('restore.sh', server.folder('scratch'));
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.stdout).toContain('account_db: restored, 1 tables\nappdb: restored, 0 tables');

    const file = join(backup, 'account_db.dump');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 400));
    expect(script('restore.sh', server.folder('scratch-2')).status).not.toBe(0);
  });
});

test('the scripts are bash without a syntax error', () => {
  for (const file of ['postgres-databases/databases.sh', 'postgres-backup/dump.sh', 'postgres-backup/restore.sh'])
    execFileSync('bash', ['-n', join(COMPONENTS, file)]);
});
