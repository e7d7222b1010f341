#!/usr/bin/env bash
# Restores each of $DATABASES from the folder /backup into a temporary server, and fails unless everything is restored.
set -euo pipefail

export PGDATA=/scratch/data PGHOST=/scratch PGUSER=postgres
initdb --username=postgres --auth=trust >/dev/null
trap 'pg_ctl --silent --mode=immediate stop' EXIT
pg_ctl --wait --silent --log=/scratch/log --options="-c listen_addresses='' -c unix_socket_directories=/scratch" start

for database in $DATABASES; do
  createdb "$database"
  # The roles that own the objects exist only on the real server.
  pg_restore --exit-on-error --no-owner --no-privileges --dbname="$database" "/backup/$database.dump"
  tables=$(psql --no-psqlrc --tuples-only --no-align --dbname="$database" --command='SELECT count(*) FROM pg_stat_user_tables')
  echo "$database: restored, $tables tables"
done
