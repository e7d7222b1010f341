import { FailedError, RefusedError } from '../errors';

/** A PostgreSQL server, as its superuser. */
export interface DatabaseServer {
  /** Runs SQL in a database, and returns the rows. @throws at the first error */
  sql(database: string, sql: string): Promise<string[][]>;
  /** Restores a dump from a file of this machine into an empty database. */
  restore(database: string, dump: string): Promise<void>;
}

/** Rows of a table: in the dump, and now. Undefined where the table does not exist. */
export interface TableCount {
  readonly table: string;
  readonly dumped: number | undefined;
  readonly now: number | undefined;
}

/** Longest identifier in PostgreSQL. Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
const IDENTIFIER_LIMIT = 63;

/** Database from which others are renamed. */
const MAINTENANCE = 'postgres';

/** The name of the database that a dump is restored into. */
function sideOf(database: string): string {
  return named(`${database}_restore`);
}

/**
 * Restores a dump into a side database with the owner, encoding and permissions of the real one, and counts the rows of both. The
 * real database is not changed. A side database that an interrupted run has left is created again.
 */
export async function restoreAside(server: DatabaseServer, database: string, dump: string): Promise<TableCount[]> {
  const side = sideOf(database);
  const [found] = await server.sql(
    MAINTENANCE,
    `SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = ${text(database)};`,
  );
  if (!found) throw new FailedError(`database ${database} does not exist; list them with psql --list`);
  const [owner = '', encoding = '', collate = '', ctype = ''] = found;
  // A swap that was interrupted has left it closed.
  await server.sql(MAINTENANCE, `ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS true;`);
  await server.sql(MAINTENANCE, `DROP DATABASE IF EXISTS ${name(side)} WITH (FORCE);`);
  await server.sql(
    MAINTENANCE,
    `CREATE DATABASE ${name(side)} OWNER ${name(owner)} TEMPLATE template0 ENCODING ${text(encoding)} LC_COLLATE ${text(collate)} LC_CTYPE ${text(ctype)};`,
  );
  await copyPermissions(server, database, side);
  await server.restore(side, dump);
  const [dumped, now] = [await countRows(server, side), await countRows(server, database)];
  const tables = [...new Set([...dumped.keys(), ...now.keys()])].sort();
  return tables.map((table) => ({ table, dumped: dumped.get(table), now: now.get(table) }));
}

/**
 * Stops where the dump lacks what the database has: a table, or all rows of one. Fewer rows are expected, since a dump is older.
 *
 * @throws {RefusedError}
 */
export function assertNothingMissing(database: string, counts: readonly TableCount[]): void {
  if (counts.every(({ dumped }) => dumped === undefined))
    throw new RefusedError(`the dump has no tables; ${database} was not changed`);
  const lost = counts.filter(({ dumped, now }) => (dumped === undefined && now !== undefined) || (dumped === 0 && now));
  if (lost.length === 0) return;
  const lines = lost.map(
    ({ table, dumped, now }) =>
      `\n  ${table} has ${now} row${now === 1 ? '' : 's'} now, and ${dumped === undefined ? 'is not in the dump' : 'none in the dump'}`,
  );
  throw new RefusedError(
    `the dump lacks what ${database} has:${lines.join('')}\n${database} was not changed; choose another dump, or swap all the same with --allow-missing`,
  );
}

/**
 * Puts the side database in the place of the real one, which keeps its contents under another name. Clients are disconnected for
 * the moment of the swap. Both renames are one transaction: no client ever finds no database.
 *
 * @param at - part of the name of the old database.
 * @returns the name of the old database.
 */
export async function swap(server: DatabaseServer, database: string, at: Date): Promise<string> {
  const kept = named(`${database}_before_${at.toISOString().replace(/\D/g, '').slice(0, 14)}`);
  await exchange(server, database, sideOf(database), kept);
  return kept;
}

/** Returns to the newest old database. What was written since the swap stays in the side database. @returns its name */
export async function swapBack(server: DatabaseServer, database: string): Promise<string> {
  const newest = (await oldDatabases(server, database)).at(-1);
  if (!newest) throw new RefusedError(`nothing to return to: there is no database ${database}_before_TIME`);
  await server.sql(MAINTENANCE, `DROP DATABASE IF EXISTS ${name(sideOf(database))} WITH (FORCE);`);
  await exchange(server, database, newest, sideOf(database));
  return newest;
}

/** The databases that swaps have put aside, oldest first. */
export async function oldDatabases(server: DatabaseServer, database: string): Promise<string[]> {
  const prefix = `${database}_before_`;
  const rows = await server.sql(
    MAINTENANCE,
    `SELECT datname FROM pg_database WHERE left(datname, ${prefix.length}) = ${text(prefix)} ORDER BY datname;`,
  );
  return rows.map(([found = '']) => found);
}

/** Deletes the databases that swaps and interrupted runs have left. @returns their names */
export async function dropOld(server: DatabaseServer, database: string): Promise<string[]> {
  const old = await oldDatabases(server, database);
  for (const one of [...old, sideOf(database)])
    await server.sql(MAINTENANCE, `DROP DATABASE IF EXISTS ${name(one)} WITH (FORCE);`);
  return old;
}

/** Renames `database` to `kept`, and `incoming` to `database`. */
async function exchange(server: DatabaseServer, database: string, incoming: string, kept: string): Promise<void> {
  const disconnect = (one: string) =>
    server.sql(
      MAINTENANCE,
      `ALTER DATABASE ${name(one)} ALLOW_CONNECTIONS false;\n` +
        `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = ${text(one)};`,
    );
  try {
    await disconnect(database);
    await disconnect(incoming);
    await server.sql(
      MAINTENANCE,
      `BEGIN;\nALTER DATABASE ${name(database)} RENAME TO ${name(kept)};\nALTER DATABASE ${name(incoming)} RENAME TO ${name(database)};\nCOMMIT;`,
    );
  } finally {
    // The transaction has changed both names, or neither.
    for (const one of [database, incoming, kept])
      await server.sql(
        MAINTENANCE,
        `SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname) FROM pg_database WHERE datname = ${text(one)} \\gexec`,
      );
  }
}

/** Permissions on the database itself are in no dump of its contents. */
async function copyPermissions(server: DatabaseServer, from: string, to: string): Promise<void> {
  const grants = await server.sql(
    MAINTENANCE,
    `SELECT format('GRANT %s ON DATABASE ${quotedInFormat(to)} TO %s%s', privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)\n` +
      `FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE datname = ${text(from)};`,
  );
  const settings = await server.sql(
    MAINTENANCE,
    `SELECT format('ALTER DATABASE ${quotedInFormat(to)} SET %I = %L', split_part(one, '=', 1), substr(one, strpos(one, '=') + 1))\n` +
      `FROM pg_db_role_setting, unnest(setconfig) AS one WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = ${text(from)});`,
  );
  const statements = [...grants, ...settings].map(([statement]) => `${statement};`);
  await server.sql(MAINTENANCE, [`REVOKE ALL ON DATABASE ${name(to)} FROM PUBLIC;`, ...statements].join('\n'));
}

async function countRows(server: DatabaseServer, database: string): Promise<Map<string, number>> {
  const rows = await server.sql(
    database,
    "SELECT format('SELECT %L, count(*) FROM %I.%I', schemaname || '.' || tablename, schemaname, tablename) FROM pg_tables " +
      "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 \\gexec",
  );
  return new Map(rows.map(([table = '', count]) => [table, Number(count)]));
}

function named(database: string): string {
  if (database.length <= IDENTIFIER_LIMIT) return database;
  throw new FailedError(
    `name "${database}" has ${database.length} characters, PostgreSQL allows ${IDENTIFIER_LIMIT}; rename the database to a shorter name`,
  );
}

/** An identifier in SQL. */
function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A string in SQL. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** An identifier within the string of a format() in SQL. */
function quotedInFormat(identifier: string): string {
  return name(identifier).replaceAll("'", "''").replaceAll('%', '%%');
}
