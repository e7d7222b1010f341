import { FailedError, messageOf } from '../errors';
import { googleRequest, httpStatus } from './google';

/** Root of the Cloud Storage API, unless `STRATA_STORAGE_ENDPOINT` names another one. */
const STORAGE = 'https://storage.googleapis.com/';

/** Files that are written once and never changed: a bucket, or a folder. */
export interface FileStore {
  /** Where the files are, for messages. */
  readonly place: string;
  /** Creates a file. @throws {FailedError} if it exists */
  create(name: string, content: Uint8Array | string): Promise<void>;
  /** Reads a file. @throws {FailedError} if it does not exist */
  read(name: string): Promise<Buffer>;
}

/**
 * Files in a Cloud Storage bucket. To create one takes `storage.objects.create` only, since nothing is overwritten; to read one
 * takes `storage.objects.get`. See https://cloud.google.com/storage/docs/json_api/v1/objects/insert
 *
 * @param folder - prefix of all names in the bucket.
 */
export class Bucket implements FileStore {
  private readonly root: string;
  private readonly request: ReturnType<typeof googleRequest>;

  constructor(
    private readonly bucket: string,
    private readonly folder: string,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.root = env['STRATA_STORAGE_ENDPOINT'] ?? STORAGE;
    this.request = googleRequest(env);
  }

  get place(): string {
    return `gs://${this.bucket}/${this.folder}`;
  }

  async create(name: string, content: Uint8Array | string): Promise<void> {
    const url = new URL(`upload/storage/v1/b/${encodeURIComponent(this.bucket)}/o`, this.root);
    // Generation 0 is that of an object which does not exist.
    const params = { uploadType: 'media', name: this.nameOf(name), ifGenerationMatch: '0' };
    const headers = { 'content-type': 'application/octet-stream' };
    try {
      await this.request({ url: url.href, method: 'POST', params, headers, body: Buffer.from(content) });
    } catch (error) {
      throw this.failure(error, name, 'created', httpStatus(error) === 412 ? 'it exists already' : undefined);
    }
  }

  async read(name: string): Promise<Buffer> {
    const object = encodeURIComponent(this.nameOf(name));
    const url = new URL(`storage/v1/b/${encodeURIComponent(this.bucket)}/o/${object}`, this.root);
    try {
      const { data } = await this.request<ArrayBuffer>({
        url: url.href,
        params: { alt: 'media' },
        responseType: 'arraybuffer',
      });
      return Buffer.from(data);
    } catch (error) {
      throw this.failure(error, name, 'read', httpStatus(error) === 404 ? 'it does not exist' : undefined);
    }
  }

  private nameOf(name: string): string {
    return `${this.folder}/${name}`;
  }

  private failure(error: unknown, name: string, what: string, why?: string): FailedError {
    const message = why ?? messageOf(error);
    return new FailedError(`${this.place}/${name} could not be ${what}: ${message}`, { cause: error });
  }
}
