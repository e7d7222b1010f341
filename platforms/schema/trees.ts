import type { Platform } from './form';

/** Overlays that are applied together to one cluster. */
export interface Deployment {
  /** Folders with a `kustomization.yaml`, below `k8s/<platform>`. */
  readonly overlays: readonly string[];
  /** Value of the label `provider` on every object, such as `gcp`. */
  readonly provider: string;
}

/** A problem that a platform's own rules find in one of its files. */
export interface FileProblem {
  /** Path from the root of the repository. */
  readonly file: string;
  /** What is wrong, with the value got. */
  readonly wrong: string;
  /** What to do. */
  readonly fix: string;
}

/** Reads what is below `k8s/<platform>`. */
export interface TreeReader {
  /** Names of the folders in a folder, sorted; none when it does not exist. */
  folders(path: string): readonly string[];
  /** Content of a file. @throws when it does not exist. */
  read(path: string): string;
}

/** Describes the trees of a platform: the default export of `platforms/<name>/trees.ts`. */
export interface Trees {
  /** What the environment is made of; each deployment is checked by itself. */
  deployments(platform: Platform, env: string, tree: TreeReader): readonly Deployment[];
  /** Rules that hold for this platform alone. @default - none */
  problems?(platform: Platform, env: string, tree: TreeReader): readonly FileProblem[];
}
