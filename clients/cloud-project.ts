import { setTimeout as wait } from 'node:timers/promises';
import { FailedError, messageOf } from '../errors';
import { googleRequest, httpStatus } from './google';

/** Roots of the APIs, unless `STRATA_SERVICE_USAGE_ENDPOINT` and `STRATA_STORAGE_ENDPOINT` name others. */
const SERVICE_USAGE = 'https://serviceusage.googleapis.com/';
const STORAGE = 'https://storage.googleapis.com/';

/** Longest time until an enabled service answers, in milliseconds. Google states "a few minutes". */
const PATIENCE_MS = 10 * 60_000;

/** Pauses between two attempts, in milliseconds: each is twice as long as the one before. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/** What an API answers while its service is not enabled, or not effective yet. */
const NOT_ENABLED = /SERVICE_DISABLED|has not been used in project/;

interface Operation {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: { readonly message?: string };
}

/** A bucket to create. */
export interface NewBucket {
  readonly name: string;
  /** Region or multi-region. */
  readonly location: string;
}

/** What tests replace. */
interface CloudProjectTools {
  /** Sends requests. @default - with the caller's credentials */
  readonly request?: ReturnType<typeof googleRequest>;
  /** Waits, in milliseconds. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/**
 * What has to exist in a Google project before Terraform can run: services and the bucket of the states. Each call can be repeated.
 * See https://cloud.google.com/service-usage/docs/reference/rest and https://cloud.google.com/storage/docs/json_api
 */
export class CloudProject {
  private readonly request: ReturnType<typeof googleRequest>;
  private readonly sleep: (ms: number) => Promise<unknown>;

  constructor(
    private readonly project: string,
    private readonly env: NodeJS.ProcessEnv = process.env,
    { request = googleRequest(env), sleep = wait }: CloudProjectTools = {},
  ) {
    this.request = request;
    this.sleep = sleep;
  }

  /** The services of a list that are not enabled. @param names - short names, such as `compute` */
  async disabled(names: readonly string[]): Promise<string[]> {
    const query = names.map((name) => `names=projects/${this.project}/services/${name}.googleapis.com`).join('&');
    const url = this.serviceUsage(`v1/projects/${this.project}/services:batchGet?${query}`);
    const { services = [] } = await this.call<{ services?: { name: string; state: string }[] }>({ url }, 'read');
    const enabled = services.filter(({ state }) => state === 'ENABLED').map(({ name }) => name.split('/').at(-1));
    return names.filter((name) => !enabled.includes(`${name}.googleapis.com`));
  }

  /** Enables services and waits until Google has done so. They take effect a little later. */
  async enable(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const url = this.serviceUsage(`v1/projects/${this.project}/services:batchEnable`);
    const data = { serviceIds: names.map((name) => `${name}.googleapis.com`) };
    let operation = await this.call<Operation>({ url, method: 'POST', data }, 'enable');
    await this.until(async () => {
      if (!operation.done)
        operation = await this.call<Operation>({ url: this.serviceUsage(`v1/${operation.name}`) }, 'enable');
      return operation.done;
    }, `services of project ${this.project} were not enabled`);
    if (operation.error)
      throw new FailedError(
        `services of project ${this.project} could not be enabled: ${operation.error.message ?? ''}`,
      );
  }

  /** Whether a bucket exists and can be read. @throws {FailedError} if it belongs to somebody else */
  async hasBucket(name: string): Promise<boolean> {
    try {
      await this.request({ url: new URL(`storage/v1/b/${encodeURIComponent(name)}`, this.storage).href });
      return true;
    } catch (error) {
      // Cloud Storage says so of a project in which it is not enabled, too.
      if (httpStatus(error) === 404 || NOT_ENABLED.test(messageOf(error))) return false;
      if (httpStatus(error) === 403) throw this.foreign(name, error);
      throw this.failure(`bucket ${name} could not be read`, error);
    }
  }

  /** Whether an object exists in a bucket that exists. */
  async hasObject(bucket: string, name: string): Promise<boolean> {
    const path = `storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`;
    try {
      await this.request({ url: new URL(path, this.storage).href });
      return true;
    } catch (error) {
      if (httpStatus(error) === 404) return false;
      throw this.failure(`object ${name} of bucket ${bucket} could not be read`, error);
    }
  }

  /**
   * Creates a bucket that keeps versions of its objects and that nobody can make public. Waits until the service is effective.
   *
   * @returns false if it exists already.
   */
  async createBucket({ name, location }: NewBucket): Promise<boolean> {
    const url = new URL('storage/v1/b', this.storage).href;
    const data = {
      name,
      location,
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
      versioning: { enabled: true },
    };
    let created = false;
    await this.until(async () => {
      try {
        await this.request({ url, method: 'POST', params: { project: this.project }, data });
        created = true;
        return true;
      } catch (error) {
        if (NOT_ENABLED.test(messageOf(error))) return false;
        // Another run has created it meanwhile, or the answer to an earlier attempt was lost.
        if (httpStatus(error) === 409) {
          if (await this.hasBucket(name)) return true;
          throw this.foreign(name, error);
        }
        throw this.failure(`bucket ${name} could not be created`, error);
      }
    }, `Cloud Storage did not become effective in project ${this.project}`);
    return created;
  }

  private serviceUsage(path: string): string {
    return new URL(path, this.env['STRATA_SERVICE_USAGE_ENDPOINT'] ?? SERVICE_USAGE).href;
  }

  private get storage(): string {
    return this.env['STRATA_STORAGE_ENDPOINT'] ?? STORAGE;
  }

  private async call<T>(options: Parameters<typeof this.request>[0], what: string): Promise<T> {
    try {
      return (await this.request<T>(options)).data;
    } catch (error) {
      if (NOT_ENABLED.test(messageOf(error))) {
        throw new FailedError(
          `project ${this.project} has the Service Usage API disabled, which enables all others; ` +
            `enable it at https://console.cloud.google.com/apis/library/serviceusage.googleapis.com?project=${this.project} and run this again`,
          { cause: error },
        );
      }
      throw this.failure(`could not ${what} the services of project ${this.project}`, error);
    }
  }

  /** Tries until it is true. @throws {FailedError} after ten minutes */
  private async until(attempt: () => Promise<boolean | undefined>, failure: string): Promise<void> {
    let waited = 0;
    for (let pause = FIRST_PAUSE_MS; !(await attempt()); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (waited >= PATIENCE_MS)
        throw new FailedError(`${failure} within ${PATIENCE_MS / 60_000} minutes; run this again`);
      await this.sleep(pause);
      waited += pause;
    }
  }

  private foreign(name: string, cause: unknown): FailedError {
    return new FailedError(
      `bucket ${name} belongs to another project, or you may not read it; choose another name for state.bucket in the ` +
        "platform's description, or ask the owner for roles/storage.admin",
      { cause },
    );
  }

  private failure(what: string, error: unknown): FailedError {
    return new FailedError(`${what}: ${messageOf(error)}`, { cause: error });
  }
}
