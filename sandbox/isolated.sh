#!/bin/sh
# isolated.sh [--keep 'NAME ...'] COMMAND: runs a command with nothing of the caller's environment but the variables named here
# and, where the kernel allows it, in a network namespace that has only a loopback interface: what runs inside cannot reach
# the network, and the ports that are opened inside cannot be reached from outside. The command finds out which of the two holds.
kept='PATH HOME LANG LANGUAGE LC_ALL LC_CTYPE TZ TERM COLORTERM COLUMNS LINES NO_COLOR FORCE_COLOR CI TMPDIR SHELL USER
  LOGNAME TF_LOG STRATA_DEBUG GOOGLE_PROJECT GOOGLE_CLOUD_PROJECT GCLOUD_PROJECT CLOUDSDK_CORE_PROJECT GOOGLE_REGION
  GCLOUD_REGION CLOUDSDK_COMPUTE_REGION GOOGLE_ZONE GCLOUD_ZONE CLOUDSDK_COMPUTE_ZONE'
if [ "$1" = --keep ]; then
  kept="$kept $2"
  shift 2
fi
for name in $kept; do
  eval "value=\${$name-}"
  [ -z "$value" ] || set -- "$name=$value" "$@"
done

# shellcheck disable=SC2016
loopback='ip link set lo up 2>/dev/null ||
  perl -e '\''socket(S, 2, 2, 0) && ioctl(S, 0x8914, pack("Z16 s x22", "lo", 0x49)) or exit 1'\'' 2>/dev/null'
if unshare --map-root-user --net sh -c "$loopback" 2>/dev/null; then
  exec unshare --map-root-user --net sh -c "{ $loopback; } && exec env -i \"\$@\"" sh "$@"
fi
exec env -i "$@"
