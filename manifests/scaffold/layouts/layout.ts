import type { Platform } from '../../../platforms/schema/define-platform';
import type { ServiceManifest } from '../manifests';
import type { Tree } from '../tree';
import type { Place } from '../yaml-list';

/** A service that is to be. */
export interface NewService {
  readonly platform: Platform;
  readonly name: string;
  /** Name of the image among the platform's own ones. */
  readonly image: string;
  readonly port: number;
  /** Whether it reads and writes the platform's database. */
  readonly database: boolean;
  /** Path that says whether it is alive. @default - what is usual on the platform */
  readonly health?: string;
  /** A service of the tree to write beside, so that lists keep their order. */
  readonly neighbour: Required<Pick<Place, 'beside'>> & Place;
}

/** How the tree of a platform holds a service. */
export interface Layout {
  /** The entry in `services` of the platform. */
  entry(service: NewService): Readonly<Record<string, unknown>>;
  /** The kustomization of the service's images in an environment. */
  overlay(service: NewService, env: string): string;
  /** What its manifests have in common. */
  manifest(service: NewService): ServiceManifest;
  /** Writes what the environments have in common. */
  write(tree: Tree, service: NewService): void;
  /** Writes what one environment has of its own, besides image, replicas and budget. @default - nothing */
  writeOverlay?(tree: Tree, service: NewService, env: string): void;
  /** What is left to its owner. */
  next(service: NewService): string[];
}

/** What is left where each pod is let out by a policy of its own. @param label - by which pods are selected */
export function callers(label: string): Layout['next'] {
  return ({ name, port }) => [
    `let whoever calls it out, in their NetworkPolicy: egress to pods with label ${label}=${name}, port ${port}`,
  ];
}
