import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FailedError, messageOf } from '../errors';
import { googleRequest, httpStatus } from './google';

/** Root of the Cloud Storage API, unless `STRATA_STORAGE_ENDPOINT` names another one. */
const STORAGE = 'https://storage.googleapis.com/';

/** File that an attempt writes last: without it the dumps of a folder may be cut short. */
const COMPLETE = 'complete';

/** The dumps of one attempt of the backup job. */
export interface Dump {
  /** Folder in the bucket, such as `postgres-backup-29390535-aaaaa`. */
  readonly folder: string;
  /** When the attempt was complete. */
  readonly at: Date;
}

interface Listing {
  readonly items?: readonly { readonly name: string; readonly timeCreated: string }[];
  readonly nextPageToken?: string;
}

/** The dumps that backup jobs have written to a bucket. */
export class Dumps {
  private readonly root: string;
  private readonly request: ReturnType<typeof googleRequest>;

  constructor(
    private readonly bucket: string,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.root = env['STRATA_STORAGE_ENDPOINT'] ?? STORAGE;
    this.request = googleRequest(env);
  }

  /** All complete dumps, newest first. @throws {FailedError} if the bucket cannot be read */
  async list(): Promise<Dump[]> {
    const found: Dump[] = [];
    let pageToken: string | undefined;
    do {
      const params = { ...(pageToken && { pageToken }), fields: 'items(name,timeCreated),nextPageToken' };
      const { data } = await this.reading<Listing>('o', { params });
      for (const { name, timeCreated } of data.items ?? []) {
        const [folder = '', file] = name.split('/');
        if (file === COMPLETE) found.push({ folder, at: new Date(timeCreated) });
      }
      pageToken = data.nextPageToken;
    } while (pageToken);
    return found.sort((a, b) => b.at.getTime() - a.at.getTime());
  }

  /** Downloads the dump of a database to a file. @throws {FailedError} if the folder has none */
  async download({ folder }: Pick<Dump, 'folder'>, database: string, file: string): Promise<void> {
    const object = encodeURIComponent(`${folder}/${database}.dump`);
    const { data } = await this.reading<Readable>(`o/${object}`, { params: { alt: 'media' }, responseType: 'stream' });
    await pipeline(data, createWriteStream(file, { mode: 0o600 }));
  }

  private async reading<T>(path: string, options: Omit<Parameters<typeof this.request>[0], 'url'>) {
    const url = new URL(`storage/v1/b/${encodeURIComponent(this.bucket)}/${path}`, this.root);
    try {
      return await this.request<T>({ ...options, url: url.href });
    } catch (error) {
      const why = httpStatus(error) === 404 ? 'it does not exist' : messageOf(error);
      const what = `gs://${this.bucket}/${decodeURIComponent(path).replace(/^o\/?/, '')}`;
      throw new FailedError(`${what} could not be read: ${why}`, { cause: error });
    }
  }
}
