import type { CommitId } from '../git/ref-store';
import type { Ancestry, History } from './ancestry';
import type { OpenedPullRequest } from './pull-request';

/** The location of a service's tag. */
export interface TagTarget {
  readonly service: string;
  /** Its image, with the registry and without a tag: `name` of its entry in `images`. */
  readonly image: string;
  /** Folder of the overlay in the config repository. */
  readonly folder: string;
  /** The commits of the repository that its image is built from. @default - an upstream image, whose tags name versions */
  readonly history?: History | undefined;
}

/** A wanted tag. */
export interface WantedTag {
  readonly target: TagTarget;
  readonly tag: string;
  /** `sha256:...` of the image that the registry has under the tag. @default - unknown */
  readonly digest?: string;
}

/** The change of one service's tag. */
export interface TagChange {
  readonly service: string;
  readonly image: string;
  /** Undefined where the overlay had none. */
  readonly from: string | undefined;
  readonly to: string;
  /** How they relate. @default - not compared, for a pin */
  readonly ancestry?: Ancestry['kind'];
}

/** The result of writing tags. */
export interface TagResult {
  /** `unchanged`: the branch already has them. `planned`: dry run. `proposed`: in a pull request. */
  readonly outcome: 'written' | 'unchanged' | 'planned' | 'proposed';
  /** The commit that has it; the head of the branch where nothing was written. */
  readonly commit: CommitId;
  readonly branch: string;
  readonly changes: readonly TagChange[];
  readonly pullRequest?: OpenedPullRequest;
}

/** The kustomization that a tag is in. */
export function kustomizationOf({ folder }: TagTarget): string {
  return `${folder}/kustomization.yaml`;
}
