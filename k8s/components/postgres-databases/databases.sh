#!/usr/bin/env bash
# Creates roles, databases, extensions and schemas in PostgreSQL. It can be run again: existing ones are kept, and passwords
# are set again.
#
#   databases.sh          waits for the server, applies, then applies again whenever a password file changes
#   databases.sh apply    applies once
#
# Reads the password of each role from:   $PASSWORDS/<role>
#        lines "database owner":         $DATABASES/databases
#        lines "extension", "schema":    $DATABASES/extensions, $DATABASES/schemas (for every database)
#        lines "group role":             $DATABASES/grants (may be absent)
set -euo pipefail

PASSWORDS=${PASSWORDS:-/etc/postgres-passwords}
DATABASES=${DATABASES:-/etc/postgres-databases}
MARKS=${MARKS:-/tmp}
PLACEHOLDER=StrongBase64Password
export PGOPTIONS='--client-min-messages=warning'

sql() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@" >/dev/null; }
rows() { if [[ -f $DATABASES/$1 ]]; then grep -Ev '^[[:space:]]*(#|$)' "$DATABASES/$1" || true; fi; }

apply_role() {
  local file=$1 role
  role=$(basename "$file")
  if grep -q "$PLACEHOLDER" "$file"; then
    echo "role \"$role\" still has the password of the template, \"$PLACEHOLDER\"; put a real one into its Secret" >&2
    exit 1
  fi
  # psql reads the password itself, so that it is not in the process list.
  PASSWORD_FILE=$file sql --dbname=postgres --set=role="$role" <<'SQL'
\set password `cat "$PASSWORD_FILE"`
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SQL
}

apply_database() {
  local database=$1 owner=$2 name
  sql --dbname=postgres --set=database="$database" --set=owner="$owner" <<'SQL'
SELECT format('CREATE DATABASE %I', :'database')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
  for name in $(rows extensions); do
    sql --dbname="$database" --set=name="$name" <<<'CREATE EXTENSION IF NOT EXISTS :"name";'
  done
  for name in $(rows schemas); do
    sql --dbname="$database" --set=name="$name" --set=owner="$owner" \
      <<<'CREATE SCHEMA IF NOT EXISTS :"name"; ALTER SCHEMA :"name" OWNER TO :"owner";'
  done
}

apply() {
  local file database owner group role
  for file in "$PASSWORDS"/*; do apply_role "$file"; done
  while read -r group role; do
    sql --dbname=postgres --set=group="$group" --set=role="$role" <<<'GRANT :"group" TO :"role";'
  done < <(rows grants)
  while read -r database owner; do apply_database "$database" "$owner"; done < <(rows databases)
}

if [[ ${1:-} == apply ]]; then
  apply
  exit
fi

trap 'exit 0' TERM INT
# While it initialises an empty volume, the server listens only on its socket; afterwards it also listens on TCP.
until touch "$MARKS/alive" && pg_isready --quiet --host=127.0.0.1; do sleep 1; done
applied=''
while true; do
  touch "$MARKS/alive"
  wanted=$(cat "$PASSWORDS"/* | sha256sum)
  if [[ $wanted != "$applied" ]]; then
    # In a separate process: within `if` or `||`, bash continues after an error.
    if bash "$0" apply; then
      applied=$wanted
      touch "$MARKS/applied"
      echo 'databases are as asked for'
    elif [[ -z $applied ]]; then
      exit 1
    else
      echo 'databases could not be brought to what is asked for; trying again, serving on meanwhile' >&2
    fi
  fi
  sleep 10 &
  wait $!
done
