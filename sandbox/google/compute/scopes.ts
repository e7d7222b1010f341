import { isObject, type Value } from '../../protocol/values';

/** Short names of scopes whose address is not the name itself. Source: `gcloud compute instances create --help`, --scopes. */
const SCOPES: Readonly<Record<string, string>> = {
  'compute-ro': 'compute.readonly',
  'compute-rw': 'compute',
  'logging-write': 'logging.write',
  'monitoring-read': 'monitoring.read',
  'monitoring-write': 'monitoring.write',
  'service-control': 'servicecontrol',
  'service-management': 'service.management.readonly',
  'sql-admin': 'sqlservice.admin',
  'storage-full': 'devstorage.full_control',
  'storage-ro': 'devstorage.read_only',
  'storage-rw': 'devstorage.read_write',
  trace: 'trace.append',
  'trace-append': 'trace.append',
  'trace-ro': 'trace.readonly',
  'userinfo-email': 'userinfo.email',
};

/** A service account of an instance with the addresses of its scopes. */
export function withScopes(account: Value): Value {
  return isObject(account) ? { ...account, scopes: scopesOf(account['scopes'] ?? null) } : account;
}

/** Scopes by their addresses, as the provider keeps them. */
export function scopesOf(scopes: Value): Value {
  if (!Array.isArray(scopes)) return scopes;
  const address = (scope: Value) =>
    typeof scope !== 'string' || scope.includes('/')
      ? scope
      : `https://www.googleapis.com/auth/${SCOPES[scope] ?? scope}`;
  return scopes.map(address).sort((a, b) => String(a).localeCompare(String(b)));
}
