#!/bin/bash
# Writes the used space of the boot disk, the remaining days of the API server certificate and the age of the last database dump
# to Cloud Monitoring. Compute Engine sees none of them.
set -euo pipefail

metadata() {
  curl --fail --silent --header 'Metadata-Flavor: Google' "http://metadata.google.internal/computeMetadata/v1/$1"
}

token=$(metadata instance/service-accounts/default/token | sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
project=$(metadata project/project-id)
zone=$(basename "$(metadata instance/zone)")
instance=$(metadata instance/id)
vm=$(metadata instance/name)
now=$(date --utc +%FT%TZ)

used=$(df --output=pcent / | tr -dc '0-9')
expiry=$(openssl x509 -noout -enddate -in /var/lib/k0s/pki/server.crt | cut -d= -f2)
days=$((($(date --date "$expiry" +%s) - $(date +%s)) / 86400))

# Hours since the last successful dump, or since the CronJob was created. Nothing without a CronJob or an answer.
dumped() {
  local newest
  newest=$(k0s kubectl get cronjobs --all-namespaces --selector=app.kubernetes.io/name=postgres-backup --request-timeout=20s \
    --output=jsonpath='{range .items[*]}{.metadata.creationTimestamp}{"\n"}{.status.lastSuccessfulTime}{"\n"}{end}' |
    sort | tail -n 1)
  [ -z "$newest" ] || echo $((($(date +%s) - $(date --date "$newest" +%s)) / 3600))
}

series() {
  cat <<JSON
{
  "metric": { "type": "custom.googleapis.com/strata/$1", "labels": { "vm": "$vm" } },
  "resource": {
    "type": "gce_instance",
    "labels": { "project_id": "$project", "zone": "$zone", "instance_id": "$instance" }
  },
  "points": [{ "interval": { "endTime": "$now" }, "value": { "int64Value": "$2" } }]
}
JSON
}

all="$(series disk_used_percent "$used"), $(series certificate_days "$days")"
hours=$(dumped || true)
[ -z "$hours" ] || all="$all, $(series dump_hours "$hours")"

# The token is passed through a file descriptor, so that it is not in the process list.
curl --fail --silent --show-error --output /dev/null \
  --header @<(printf 'Authorization: Bearer %s' "$token") \
  --header 'Content-Type: application/json' \
  --data "{ \"timeSeries\": [$all] }" \
  "https://monitoring.googleapis.com/v3/projects/$project/timeSeries"
