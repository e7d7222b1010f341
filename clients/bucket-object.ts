import { googleRequest, httpStatus } from './google';

/** Root of the Cloud Storage API, unless `STRATA_STORAGE_ENDPOINT` names another one. */
const STORAGE = 'https://storage.googleapis.com/';

/** What an object holds, and the number of this version of it. */
interface Version {
  readonly content: string;
  readonly generation: string;
}

/**
 * One object of a Cloud Storage bucket that several clients change. Each change names the generation that it replaces, and
 * does nothing if there is another one by then.
 *
 * Source: https://cloud.google.com/storage/docs/request-preconditions
 */
export class BucketObject {
  private readonly root: string;
  private readonly request: ReturnType<typeof googleRequest>;

  /** @param name - the whole name in the bucket, such as `threads/prod/00-vpc/state/default.tflock`. */
  constructor(
    private readonly bucket: string,
    private readonly name: string,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.root = env['STRATA_STORAGE_ENDPOINT'] ?? STORAGE;
    const request = googleRequest(env);
    // Node's fetch is loaded already, and ignores proxies.
    const behindProxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => process.env[name]);
    this.request = (options) => request(behindProxy ? options : { ...options, fetchImplementation: fetch });
  }

  /** Where it is, for messages. */
  get place(): string {
    return `gs://${this.bucket}/${this.name}`;
  }

  /** The object as it is now; undefined if it does not exist. */
  async read(): Promise<Version | undefined> {
    try {
      const { data, headers } = await this.request<string>({
        url: this.url().href,
        params: { alt: 'media' },
        responseType: 'text',
      });
      // The content and its generation are from one answer: a second request may see another version.
      const generation = new Headers(headers as unknown as Record<string, string>).get('x-goog-generation') ?? '';
      return { content: data, generation };
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }

  /**
   * Writes the object.
   *
   * @param replaced - generation that it replaces; `'0'` if it must not exist.
   * @returns its new generation; undefined if there is another version by now.
   */
  async write(content: string, replaced: string): Promise<string | undefined> {
    const url = new URL(`upload/storage/v1/b/${encodeURIComponent(this.bucket)}/o`, this.root);
    const params = { uploadType: 'media', name: this.name, ifGenerationMatch: replaced };
    const headers = { 'content-type': 'application/json' };
    try {
      const answer = await this.request<{ generation: string }>({
        url: url.href,
        method: 'POST',
        params,
        headers,
        body: Buffer.from(content),
      });
      return answer.data.generation;
    } catch (error) {
      if (httpStatus(error) === 412) return undefined;
      throw error;
    }
  }

  /** Deletes this generation of the object. Succeeds if it does not exist any more. */
  async remove(generation: string): Promise<void> {
    try {
      await this.request({ url: this.url().href, method: 'DELETE', params: { ifGenerationMatch: generation } });
    } catch (error) {
      if (![404, 412].includes(httpStatus(error) ?? 0)) throw error;
    }
  }

  private url(): URL {
    return new URL(`storage/v1/b/${encodeURIComponent(this.bucket)}/o/${encodeURIComponent(this.name)}`, this.root);
  }
}
