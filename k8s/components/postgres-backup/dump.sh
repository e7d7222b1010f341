#!/usr/bin/env bash
# Dumps each of $DATABASES into the folder /backup, for the container that uploads it.
set -euo pipefail

for database in $DATABASES; do
  pg_dump --format=custom --no-password --file="/backup/$database.dump" "$database"
  # The table of contents of a truncated dump cannot be read.
  pg_restore --list "/backup/$database.dump" >/dev/null
done
ls -l /backup
