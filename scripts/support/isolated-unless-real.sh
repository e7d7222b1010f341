#!/bin/sh
# Runs a command of this project isolated, unless --real sends it to real clouds.
for word in "$@"; do
  if [ "$word" = --real ]; then exec "$@"; fi
done
exec sh "${0%/*}/isolated.sh" "$@"
