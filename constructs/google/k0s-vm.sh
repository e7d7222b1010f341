#!/bin/bash
# Brings up one node of k0s, at every boot: the first installs it, later ones and disks from a snapshot find it there and
# change nothing but what this file says differently by now. Words between at signs are filled in by k0s-vm.ts.
set -euo pipefail

version='@k0s_version@'
sha256='@k0s_sha256@'
binary=/usr/local/bin/k0s
unit=/etc/systemd/system/k0scontroller.service

mkdir -p /etc/k0s /usr/local/libexec/strata

changed=false

# Fills a file from standard input.
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
  # Replacing a binary that runs needs a new inode, which a rename on the same file system gives.
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

# Images are pulled by the node's own identity. The metadata server hands out its cached token until 4 minutes are left of
# it, so the kubelet may keep one for 3.
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

# Every flag, one a line: another one is a difference like that of any file. Volumes are bound to the node's name, so it
# never follows the machine's.
write /etc/k0s/flags 0644 <<'EOF'
--single
--config=/etc/k0s/k0s.yaml
--kubelet-extra-args=--hostname-override=@node_name@ --image-credential-provider-config=/etc/k0s/credential-provider.yaml --image-credential-provider-bin-dir=/usr/local/libexec/strata
EOF

# A spot VM may be taken away between any two lines: the copy of the flags is made last, and tells that all of it was done.
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

write /usr/local/sbin/strata-vitals 0755 <<'EOF'
@vitals@
EOF

write /etc/systemd/system/strata-vitals.service 0644 <<'EOF'
[Unit]
Description=Tells Cloud Monitoring of the disk and the certificate

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/strata-vitals
EOF

write /etc/systemd/system/strata-vitals.timer 0644 <<'EOF'
[Timer]
OnBootSec=5min
OnUnitActiveSec=5min

[Install]
WantedBy=timers.target
EOF

if $changed; then
  systemctl daemon-reload
  systemctl restart strata-vitals.timer
fi
systemctl enable --now strata-vitals.timer
