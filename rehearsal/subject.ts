import type { LayerId } from '../contracts/layers';
import type { Power } from '../platforms/schema/power';

/** What CI applies by itself. */
export interface Pushed {
  /** The repository, and the branch of the environment. */
  readonly url: string;
  readonly branch: string;
  /** The overlay. Folder `infrastructure` below it, where there is one, owns the CRDs that it uses. */
  readonly path: string;
  /** Names of the values that it puts into Secrets. */
  readonly values: readonly string[];
}

/** The platform under rehearsal, in the words of its description. */
export interface Subject {
  readonly platform: string;
  readonly env: string;
  /** Layers in apply order: `00-vpc` and its stack `vpc-prod`. */
  readonly layers: readonly { readonly id: LayerId; readonly stack: string }[];
  /** The VM that the cluster is; undefined for a cluster that is not ours. */
  readonly vm?: { readonly project: string; readonly zone: string; readonly name: string; readonly localPort: number };
  /** When the VM is awake; undefined for one that always is, and for a cluster that is not ours. */
  readonly power?: Power;
  /** Hours a month in which its power schedule keeps the VM awake. */
  readonly hoursAwake: number;
  readonly kubeconfig: { readonly path: string; readonly context?: string };
  readonly secrets: readonly string[];
  readonly application: { readonly name: string; readonly argocdNamespace: string; readonly namespace: string };
  /** What CI applies by itself, where it does. There are no layers then. */
  readonly pushed?: Pushed;
  /** Where Image Updater delivers: an image that it watches, and the file in Git that says which tags it may take. */
  readonly imageUpdater?: { readonly image: string; readonly file: string };
}
