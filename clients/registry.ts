import { FailedError, UsageError } from '../errors';
import { dockerCredentials, type RegistryCredentials } from './docker-credentials';

/** An image in a registry. */
export interface RemoteImage {
  /** Digest of its index, or of its only manifest. */
  readonly digest: string;
  /** Platforms that it was built for, such as `linux/amd64`, without attestations. */
  readonly platforms: readonly string[];
  readonly mediaType: string;
  /** The manifest of the tag, byte for byte. */
  readonly manifest: string;
}

/** How to reach a registry. Everything has a default; tests replace it. */
export interface RegistryOptions {
  /** One endpoint for every registry, which gets the host in `?ns=`. @default - `STRATA_REGISTRY_ENDPOINT`, or each registry's own */
  readonly endpoint?: string;
  /** @default - Docker's */
  readonly credentials?: (host: string) => Promise<RegistryCredentials | undefined>;
  /** Waits for a number of seconds. @default - real time */
  readonly sleep?: (seconds: number) => Promise<void>;
}

/** The fields of an index or a manifest that are read here. Source: https://github.com/opencontainers/image-spec */
interface Manifest {
  readonly manifests?: readonly { readonly platform?: { readonly os: string; readonly architecture: string } }[];
  readonly config?: { readonly digest: string };
}

interface Call {
  readonly method?: 'GET' | 'PUT';
  readonly path: string;
  readonly actions: 'pull' | 'pull,push';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The media types of an image's manifest. */
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Attempts while the registry answers that it is busy, and the longest wait after one such answer, in seconds. */
const ATTEMPTS = 5;
const LONGEST_WAIT_SECONDS = 60;

/** A client of the OCI distribution API. Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
export class RegistryClient {
  private readonly endpoint: string | undefined;
  private readonly credentials: (host: string) => Promise<RegistryCredentials | undefined>;
  private readonly sleep: (seconds: number) => Promise<void>;
  /** `Authorization` by host, repository and actions. */
  private readonly authorizations = new Map<string, string>();

  constructor(options: RegistryOptions = {}) {
    this.endpoint = options.endpoint ?? process.env['STRATA_REGISTRY_ENDPOINT'];
    this.credentials = options.credentials ?? dockerCredentials;
    this.sleep =
      options.sleep ?? ((seconds) => new Promise((resolve) => setTimeout(resolve, Math.ceil(seconds * 1000))));
  }

  /**
   * The image of a tag or digest; undefined if the registry does not have it.
   *
   * @param repository - with its host, `ghcr.io/team/web`.
   * @throws {FailedError} when the registry refuses or cannot be reached; {UsageError} when the reference is not one.
   */
  async find(repository: string, reference: string): Promise<RemoteImage | undefined> {
    assertReference(reference);
    const response = await this.call(repository, {
      path: `manifests/${reference}`,
      actions: 'pull',
      headers: { accept: MANIFEST_TYPES },
    });
    if (response.status === 404) return undefined;
    const manifest = await response.text();
    return {
      digest: response.headers.get('docker-content-digest') ?? reference,
      mediaType: response.headers.get('content-type') ?? '',
      manifest,
      platforms: await this.platforms(repository, JSON.parse(manifest) as Manifest),
    };
  }

  /** Adds a tag to an image in the repository. @throws {FailedError} if the registry refuses. */
  async tag(repository: string, { manifest, mediaType }: RemoteImage, tag: string): Promise<void> {
    assertReference(tag);
    await this.call(repository, {
      method: 'PUT',
      path: `manifests/${tag}`,
      actions: 'pull,push',
      headers: { 'content-type': mediaType },
      body: manifest,
    });
  }

  /** A single manifest has its platform in its configuration only. */
  private async platforms(repository: string, { manifests, config }: Manifest): Promise<string[]> {
    if (manifests) {
      return manifests.flatMap(({ platform }) =>
        platform && platform.os !== 'unknown' ? `${platform.os}/${platform.architecture}` : [],
      );
    }
    const blob = await this.call(repository, { path: `blobs/${config?.digest}`, actions: 'pull' });
    const { os, architecture } = (await blob.json()) as { os?: string; architecture?: string };
    return [`${os}/${architecture}`];
  }

  /** Calls the registry, and retries while it is busy. Resolves to a response that is ok or 404. */
  private async call(repository: string, call: Call): Promise<Response> {
    const [host = '', ...path] = repository.split('/');
    const url = this.url(host, `${path.join('/')}/${call.path}`);
    for (let attempt = 1; ; attempt++) {
      const response = await this.authorized(host, path.join('/'), url, call);
      if (response.ok || (response.status === 404 && call.method !== 'PUT')) return response;
      const isBusy = [429, 502, 503, 504].includes(response.status);
      if (!isBusy || attempt === ATTEMPTS) throw await refusal(repository, call, response);
      await response.body?.cancel();
      await this.sleep(Math.min(waitSeconds(response) ?? 2 ** attempt, LONGEST_WAIT_SECONDS));
    }
  }

  private async authorized(host: string, name: string, url: URL, call: Call): Promise<Response> {
    const key = `${host}/${name} ${call.actions}`;
    const send = () => {
      const authorization = this.authorizations.get(key);
      const headers = { ...call.headers, ...(authorization && { authorization }) };
      return reach(host, url, { method: call.method ?? 'GET', headers, ...(call.body && { body: call.body }) });
    };
    const response = await send();
    if (response.status !== 401) return response;
    const challenge = response.headers.get('www-authenticate') ?? '';
    await response.body?.cancel();
    const answer = await this.answer(host, challenge, `repository:${name}:${call.actions}`);
    if (!answer) return response;
    this.authorizations.set(key, answer);
    return send();
  }

  /** Answers a challenge. Source: https://distribution.github.io/distribution/spec/auth/token/ */
  private async answer(host: string, challenge: string, scope: string): Promise<string | undefined> {
    const credentials = await this.credentials(host);
    const basic =
      credentials && 'username' in credentials
        ? `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
        : undefined;
    if (/^basic /i.test(challenge)) return basic;
    const { realm, service = '' } = parameters(challenge);
    if (!realm) return undefined;
    const identityToken = credentials && 'identityToken' in credentials ? credentials.identityToken : undefined;
    const form = { service, scope, client_id: 'strata' };
    const response = identityToken
      ? await reach(host, new URL(realm), {
          method: 'POST',
          body: new URLSearchParams({ ...form, grant_type: 'refresh_token', refresh_token: identityToken }),
        })
      : await reach(host, new URL(`${realm}?${new URLSearchParams(form)}`), {
          headers: { ...(basic && { authorization: basic }) },
        });
    if (!response.ok) return undefined;
    const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
    return `Bearer ${token ?? access_token}`;
  }

  private url(host: string, path: string): URL {
    if (!this.endpoint) return new URL(`https://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/${path}`);
    const url = new URL(`v2/${path}`, this.endpoint);
    url.searchParams.set('ns', host);
    return url;
  }
}

/** A reference is part of an address. Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
function assertReference(reference: string): void {
  if (/^(\w[\w.-]{0,127}|[a-z0-9]+:[a-f0-9]{32,})$/.test(reference)) return;
  throw new UsageError(
    `tag: got "${reference}"; give at most 128 letters, digits, underscores, dots and hyphens, not beginning with a dot or a hyphen`,
  );
}

function reach(host: string, url: URL, init: RequestInit): Promise<Response> {
  return fetch(url, init).catch((error: Error) => {
    throw new FailedError(
      `could not reach registry ${host}: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    );
  });
}

async function refusal(repository: string, { method = 'GET', path }: Call, response: Response): Promise<FailedError> {
  const [host = ''] = repository.split('/');
  const text = await response.text().catch(() => '');
  const said = /"message":\s*"([^"]+)"/.exec(text)?.[1] ?? response.statusText;
  const next =
    response.status === 401 || response.status === 403
      ? `; run docker login ${host} with an account that may ${method === 'PUT' ? 'push' : 'pull'}`
      : response.status === 429
        ? '; wait, or log in: registries limit anonymous requests more'
        : '';
  return new FailedError(`registry ${host} refused ${method} ${repository}/${path}: ${response.status} ${said}${next}`);
}

/** The seconds of `Retry-After`, which is a number or a date. */
function waitSeconds({ headers }: Response): number | undefined {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const now = Date.parse(headers.get('date') ?? '') || Date.now();
  return Math.max(0, (Date.parse(value) - now) / 1000) || 0;
}

function parameters(challenge: string): Readonly<Record<string, string>> {
  if (!/^bearer /i.test(challenge)) return {};
  return Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
}
