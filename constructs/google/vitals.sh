#!/bin/bash
# Tells Cloud Monitoring how full the disk is and for how many days the certificate of the API server is good. Compute Engine
# itself sees neither.
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

# The token comes from a file that is none, so that no list of processes shows it.
curl --fail --silent --show-error --output /dev/null \
  --header @<(printf 'Authorization: Bearer %s' "$token") \
  --header 'Content-Type: application/json' \
  --data "{ \"timeSeries\": [$(series disk_used_percent "$used"), $(series certificate_days "$days")] }" \
  "https://monitoring.googleapis.com/v3/projects/$project/timeSeries"
