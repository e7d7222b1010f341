#!/bin/sh
# Runs a command of this project isolated, with the variables that it reads.
kept='PLATFORM INIT_CWD npm_lifecycle_event'
# npm keeps options that come before -- and passes them on in variables; the commands refuse them.
for option in fresh directory platform bucket advance types env json report compare; do
  kept="$kept npm_config_$option"
done
exec sh "${0%/*}/../../sandbox/isolated.sh" --keep "$kept" "$@"
