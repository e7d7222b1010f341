#!/bin/bash
# Starts a single-node k0s cluster at every boot. The first boot installs it; later boots, and disks created from a snapshot,
# change only what differs from this file. k0s-vm.ts fills in the names between at signs.
set -euo pipefail

version='@k0s_version@'
sha256='@k0s_sha256@'
binary=/usr/local/bin/k0s
unit=/etc/systemd/system/k0scontroller.service

mkdir -p /etc/k0s /usr/local/libexec/strata

changed=false

# Writes standard input to a file if the content differs: write FILE MODE
write() {
  local new
  new=$(mktemp)
  cat >"$new"
  if ! cmp --silent "$new" "$1"; then
    install -m "$2" "$new" "$1"
    changed=true
  fi
  rm "$new"
}

if ! [ -x "$binary" ] || ! echo "$sha256  $binary" | sha256sum --check --status; then
  download=$(mktemp)
  curl --fail --silent --show-error --location --retry 10 --retry-all-errors --output "$download" \
    "https://github.com/k0sproject/k0s/releases/download/$version/k0s-$version-amd64"
  echo "$sha256  $download" | sha256sum --check --quiet
  # A running binary cannot be overwritten, but a rename on the same file system replaces it.
  install -m 0755 "$download" "$binary.new"
  mv "$binary.new" "$binary"
  rm "$download"
  changed=true
fi

write /etc/k0s/k0s.yaml 0600 <<'EOF'
apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
metadata:
  name: @node_name@
spec:
  api:
    address: @address@
    sans:
@certificate_names@
  telemetry:
    enabled: false
EOF

# Images are pulled with the node's service account. The metadata server returns its cached token until it has 4 minutes left,
# so the kubelet may cache it for 3.
write /usr/local/libexec/strata/node-identity 0755 <<'EOF'
#!/bin/bash
set -euo pipefail
server=http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token
token=$(curl --fail --silent --header 'Metadata-Flavor: Google' "$server" | sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
cat <<JSON
{
  "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
  "kind": "CredentialProviderResponse",
  "cacheKeyType": "Registry",
  "cacheDuration": "3m",
  "auth": { "@registry_host@": { "username": "oauth2accesstoken", "password": "$token" } }
}
JSON
EOF

write /etc/k0s/credential-provider.yaml 0644 <<'EOF'
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: node-identity
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["@registry_host@"]
    defaultCacheDuration: 0s
EOF

# The flags are in a file, one on each line, so that a changed flag is found like any other change. The node name is explicit,
# since volumes are bound to it and the host name may change.
write /etc/k0s/flags 0644 <<'EOF'
--single
--config=/etc/k0s/k0s.yaml
--kubelet-extra-args=--hostname-override=@node_name@ --image-credential-provider-config=/etc/k0s/credential-provider.yaml --image-credential-provider-bin-dir=/usr/local/libexec/strata
EOF

# A Spot VM can be stopped between any two lines. The flags are copied last, to mark the installation as complete.
if $changed || ! [ -e "$unit" ] || ! cmp --silent /etc/k0s/flags /etc/k0s/installed-flags; then
  rm -f /etc/k0s/installed-flags
  xargs --delimiter='\n' "$binary" install controller --force </etc/k0s/flags
  systemctl daemon-reload
  systemctl enable k0scontroller
  systemctl restart k0scontroller
  cp /etc/k0s/flags /etc/k0s/installed-flags
else
  systemctl start k0scontroller
fi

changed=false

write /usr/local/sbin/strata-node-metrics 0755 <<'EOF'
@node_metrics@
EOF

write /etc/systemd/system/strata-node-metrics.service 0644 <<'EOF'
[Unit]
Description=Writes disk usage and certificate validity to Cloud Monitoring

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/strata-node-metrics
EOF

write /etc/systemd/system/strata-node-metrics.timer 0644 <<'EOF'
[Timer]
OnBootSec=5min
OnUnitActiveSec=5min

[Install]
WantedBy=timers.target
EOF

if $changed; then
  systemctl daemon-reload
  systemctl restart strata-node-metrics.timer
fi
systemctl enable --now strata-node-metrics.timer
