import type { Platform } from './form';
import type { ServiceObjects } from './service-objects';
import type { TreeReader } from './trees';

/** Where an item goes in a list: next to another one. */
export interface ListPlace {
  /** The item that is this text, or has it as one of its values. */
  readonly item: string;
  /** True to put it before that item. @default false */
  readonly before?: boolean;
}

/** A service that `npm run new-service` adds. */
export interface NewService {
  readonly platform: Platform;
  readonly name: string;
  /** Name of the image among the platform's own ones. */
  readonly image: string;
  readonly port: number;
  /** True if it reads and writes the platform's database. */
  readonly database: boolean;
  /** Path that its probes ask for. @default - the usual one of the platform */
  readonly health?: string;
  /** A service of the platform to write next to, so that lists keep their order. */
  readonly neighbour: ListPlace;
}

/** A change of one file. Paths start at the root of the repository. */
export type Change =
  /** Creates a file, of an object as YAML or of a text. */
  | { readonly file: string; readonly create: object | string }
  /** Inserts an item into a list of a YAML file; every other byte stays. */
  | {
      readonly file: string;
      readonly insert: unknown;
      /** Keys and indices that lead to the list. */
      readonly into: readonly (string | number)[];
      /** @default - at the end */
      readonly place?: ListPlace;
    }
  /** Changes a file that is no YAML. */
  | { readonly file: string; readonly edit: (text: string) => string };

/**
 * How services are written into the tree of a platform: the default export of `platforms/<name>/scaffold.ts`. A platform without
 * that file has no `npm run new-service`.
 */
export interface Scaffold {
  /** The entry in `services` of the platform. */
  entry(service: NewService): Readonly<Record<string, unknown>>;
  /** Names that the platform's `secrets` get. @default - none */
  secrets?(service: NewService): readonly string[];
  /** The kustomization with the service's image in an environment. */
  overlay(service: NewService, env: string): string;
  /** Properties that its objects have in common. */
  objects(service: NewService): ServiceObjects;
  /** Writes what the environments have in common. */
  service(service: NewService, tree: TreeReader): readonly Change[];
  /** Writes what one environment has in addition, except its image, replicas and disruption budget. @default - nothing */
  environment?(service: NewService, env: string, tag: string, tree: TreeReader): readonly Change[];
  /** What its owner has to do next, one line each. */
  next(service: NewService): readonly string[];
}

/** What is left to do where each client needs a NetworkPolicy that lets it out. @param label - selects pods. */
export function allowClients(label: string): Scaffold['next'] {
  return ({ name, port }) => [
    `let whoever calls it out, in their NetworkPolicy: egress to pods with label ${label}=${name}, port ${port}`,
  ];
}
