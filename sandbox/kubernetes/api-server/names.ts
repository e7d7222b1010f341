/** Kinds whose names are labels of DNS; services must also start with a letter. */
const LABEL_KINDS = ['Namespace', 'Service'];
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SERVICE = '[a-z]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;

/** The API server's message if the name of an object is invalid. Names of RBAC objects are free. */
export function problemOfName(group: string, kind: string, name: string): string | undefined {
  if (group === 'rbac.authorization.k8s.io') return undefined;
  const isLabel = LABEL_KINDS.includes(kind) && group === '';
  const limit = isLabel ? 63 : 253;
  if (name.length > limit) return `must be no more than ${limit} characters`;
  if (kind === 'Service' && isLabel) {
    return new RegExp(`^${SERVICE}$`).test(name)
      ? undefined
      : `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${SERVICE}')`;
  }
  if (isLabel) return problemOfDnsLabel(name);
  return new RegExp(`^${SUBDOMAIN}$`).test(name)
    ? undefined
    : `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
}

/** The API server's message if a name is not one DNS label, as that of a container must be. */
export function problemOfDnsLabel(name: string): string | undefined {
  if (name.length > 63) return 'must be no more than 63 characters';
  return new RegExp(`^${LABEL}$`).test(name)
    ? undefined
    : `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
}

/** The API server's message if the key of a label, without its prefix, is invalid. */
export function problemOfLabelKey(key: string): string | undefined {
  const name = key.split('/').at(-1) ?? '';
  const form = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
  if (name.length > 63) return 'name part must be no more than 63 characters';
  return new RegExp(`^${form}$`).test(name)
    ? undefined
    : `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${form}')`;
}

/** The API server's message if the value of a label is invalid. */
export function problemOfLabel(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length > 63) return 'must be no more than 63 characters';
  const form = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
  return new RegExp(`^${form}$`).test(value)
    ? undefined
    : `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${form}')`;
}
