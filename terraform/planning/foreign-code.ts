import { z } from 'zod';

/** Providers that the layers use: those of HashiCorp, and GitHub's own. */
const PROVIDERS =
  /^((registry\.terraform\.io\/)?hashicorp\/)?(google|kubernetes|helm|time|local|null|random|tls)$|^((registry\.terraform\.io\/)?integrations\/)?github$/;

/** Data sources that run a program, call an address, or put a credential or a file into the plan. */
const DATA_SOURCES = new Set([
  'external',
  'http',
  'local_file',
  'local_sensitive_file',
  'google_client_config',
  'google_secret_manager_secret_version',
  'google_secret_manager_secret_version_access',
  'google_service_account_access_token',
  'google_service_account_id_token',
  'google_service_account_jwt',
  'google_service_account_key',
  'google_storage_bucket_object_content',
  'kubernetes_secret',
  'kubernetes_secret_v1',
]);

/** Arguments of a provider that name its own credentials, a program, or where its calls go. */
const PROVIDER_ARGUMENTS =
  /^(credentials|access_token|impersonate_service_account|.*custom_endpoint|host|exec|token|proxy_url|base_url|registry|registries|config_context_auth_info|insecure)$/;

/** Functions of terraform that read files of the machine that plans. */
const READING = /\b(file|filebase64|templatefile|fileset|file(base64)?(md5|sha1|sha256|sha512))\s*\(/g;

const blocks = z.record(z.string(), z.record(z.string(), z.looseObject({})));
const synthesised = z.looseObject({
  resource: blocks.optional(),
  data: blocks.optional(),
  module: z.record(z.string(), z.unknown()).optional(),
  provider: z.record(z.string(), z.unknown()).optional(),
  terraform: z
    .looseObject({
      required_providers: z.record(z.string(), z.looseObject({ source: z.string() })).optional(),
      backend: z.record(z.string(), z.looseObject({ bucket: z.string().optional() })).optional(),
    })
    .optional(),
});

/**
 * What a synthesised stack would run, call or read on the machine that plans it, beyond what the layers do. Such a configuration is
 * not planned: a plan already runs it, with the credentials of whoever plans.
 *
 * @param json - its `cdk.tf.json`.
 * @param bucket - the bucket that states may be read from. @default - states are local
 */
export function foreignCodeIn(json: string, bucket?: string): string[] {
  const { resource = {}, data = {}, module = {}, provider = {}, terraform = {} } = synthesised.parse(JSON.parse(json));
  return [
    ...entries(resource).flatMap(({ address, body }) =>
      'provisioner' in body ? [`${address} has a provisioner, which runs a program`] : [],
    ),
    ...entries(data).flatMap(({ type, address, body }) => [
      ...(DATA_SOURCES.has(type)
        ? [`data.${address} runs a program, calls an address or reads a secret during the plan`]
        : []),
      ...(type === 'terraform_remote_state' ? foreignState(`data.${address}`, body, bucket) : []),
    ]),
    ...Object.keys(module).map((name) => `module.${name} brings code from elsewhere`),
    ...Object.entries(terraform.required_providers ?? {}).flatMap(([name, { source }]) =>
      PROVIDERS.test(source) ? [] : [`provider ${name} is ${source}, which no layer uses`],
    ),
    ...Object.entries(terraform.backend ?? {}).flatMap(([kind, place]) =>
      (kind === 'gcs' && place.bucket === bucket) || (kind === 'local' && bucket === undefined)
        ? []
        : [`the backend is ${kind} ${place.bucket ?? ''}`.trim()],
    ),
    ...Object.entries(provider).flatMap(([name, settings]) =>
      [...new Set(namesIn(settings))]
        .filter((argument) => PROVIDER_ARGUMENTS.test(argument))
        .map((argument) => `provider ${name} sets ${argument}`),
    ),
    ...[
      ...new Set(templatesIn(json).flatMap((template) => [...template.matchAll(READING)].map(([, name]) => name))),
    ].map((name) => `function ${name} reads files of the machine that plans`),
  ];
}

function foreignState(address: string, body: unknown, bucket: string | undefined): string[] {
  const { backend, config } = body as { backend?: unknown; config?: { bucket?: unknown } };
  const known = (backend === 'gcs' && config?.bucket === bucket) || (backend === 'local' && bucket === undefined);
  return known ? [] : [`${address} reads a state from ${String(backend)} ${String(config?.bucket ?? '')}`.trim()];
}

function entries(all: z.output<typeof blocks>) {
  return Object.entries(all).flatMap(([type, named]) =>
    Object.entries(named).map(([name, body]) => ({ type, address: `${type}.${name}`, body })),
  );
}

/** Names of all arguments and blocks, at any depth. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(namesIn);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}

/** Strings with a template of terraform in them. `$${` is an escaped one, as shell scripts contain. */
function templatesIn(json: string): string[] {
  const found: string[] = [];
  JSON.parse(json, (_, value: unknown) => {
    if (typeof value === 'string') found.push(...(value.replaceAll('$${', '').match(/[$%]\{[^}]*\}?/g) ?? []));
    return value;
  });
  return found;
}
