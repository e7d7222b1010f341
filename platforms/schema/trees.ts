import type { Platform } from './form';

/** Kustomize overlays that are applied together to one cluster. */
export interface Deployment {
  /** Folders with a `kustomization.yaml`, relative to `k8s/<platform>`. */
  readonly overlays: readonly string[];
  /** Value of the label `provider` on every object, such as `gcp`. */
  readonly provider: string;
}

/** A problem that a platform's rules find in one of its files. */
export interface FileProblem {
  /** Path from the root of the repository. */
  readonly file: string;
  /** What is wrong, with the value got. */
  readonly wrong: string;
  /** What to do. */
  readonly fix: string;
}

/** Reads files in `k8s/<platform>`. */
export interface TreeReader {
  /** Names of the subfolders of a folder, sorted. Empty if the folder does not exist. */
  folders(path: string): readonly string[];
  /** Content of a file. @throws Error if it does not exist. */
  read(path: string): string;
}

/** The manifests of a platform: the default export of `platforms/<name>/trees.ts`. */
export interface Trees {
  /** The deployments of an environment, each of which is checked separately. */
  deployments(platform: Platform, env: string, tree: TreeReader): readonly Deployment[];
  /** Rules that apply to this platform only. @default - none */
  problems?(platform: Platform, env: string, tree: TreeReader): readonly FileProblem[];
}
