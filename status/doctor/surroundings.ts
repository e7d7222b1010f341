import type { Finished } from '../../clients/process';
import type { ImageStatus } from '../../delivery/image/images';
import type { LockRecord } from '../../delivery/lock/record';
import type { LoadedPlatform } from '../../platforms/load';

/** What the checks look at. Each part may fail: the checks that need it are then not made. */
export interface Surroundings {
  readonly platform: LoadedPlatform;
  readonly env: string;
  /** The time of this machine. */
  readonly now: Date;
  /** Environment variables. */
  readonly variables: NodeJS.ProcessEnv;
  /** Services of Google Cloud that the synthesised layers enable, such as `compute.googleapis.com`. */
  readonly services: readonly string[];
  /** Runs a program. @throws if it is not installed */
  run(program: string, args: readonly string[]): Promise<Finished>;
  /** The content of a file; undefined if it does not exist. @param path - may begin with `~/` */
  read(path: string): string | undefined;
  /** Free space of the disk with the checkout, in bytes. */
  freeBytes(): number;
  /** Calls an API of Google with the person's credentials. @param body - sends a POST. @default - a GET */
  google<T>(url: string, body?: object): Promise<T>;
  /** Ends if there are no credentials for Google Cloud, or they have expired. */
  signIn(): Promise<unknown>;
  /** Calls GitHub's REST API. @param token - @default - that of the person */
  github<T>(route: string, parameters?: Readonly<Record<string, unknown>>, token?: string): Promise<GithubAnswer<T>>;
  /** Asks an address without credentials. */
  reach(url: string): Promise<{ readonly status: number; readonly date: string | null }>;
  /** What kubectl prints as JSON. @throws if the cluster is asleep, or cannot be reached */
  cluster<T>(...args: readonly string[]): Promise<T>;
  /** The own images that the overlays of this checkout name, and whether the registry has them. */
  images(): Promise<readonly ImageStatus[]>;
  /** True if docker has credentials for a registry. */
  hasLogin(host: string): Promise<boolean>;
  /** The lock of the environment in Git. */
  lock(): Promise<LockRecord | undefined>;
  /** Calls Slack's Web API. @throws with Slack's error code */
  slack(method: string, parameters?: Readonly<Record<string, unknown>>): Promise<SlackAnswer>;
}

/** What GitHub answered. */
export interface GithubAnswer<T> {
  readonly data: T;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What Slack answered. */
interface SlackAnswer {
  /** Scopes of the token. */
  readonly scopes: readonly string[];
  readonly channels: readonly { readonly name: string; readonly isMember: boolean }[];
}
