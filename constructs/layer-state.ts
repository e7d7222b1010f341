import {
  DataTerraformRemoteStateGcs,
  DataTerraformRemoteStateLocal,
  GcsBackend,
  LocalBackend,
  type TerraformRemoteState,
  type TerraformStack,
} from 'cdktf';
import { type LayerId, shortName } from '../contracts/layers';
import type { Platform } from '../platforms/schema/define-platform';
import { stateOf } from '../platforms/schema/environment';

/** Identifies a state: the layer of a platform in an environment. */
export interface LayerState {
  /** The platform. */
  readonly platform: Platform;
  /** Name of the environment. */
  readonly env: string;
  /** Id of the layer, such as `00-vpc`. */
  readonly layer: LayerId;
}

/** Configures the backend of a stack as its platform describes it. */
export function keepState(stack: TerraformStack, which: LayerState): void {
  const place = placeOf(which);
  if ('path' in place) new LocalBackend(stack, place);
  else new GcsBackend(stack, place);
}

/** Reads the state of another stack. The id of the data source is the short name of the layer that it reads. */
export function readState(stack: TerraformStack, which: LayerState): TerraformRemoteState {
  const id = shortName(which.layer);
  const place = placeOf(which);
  return 'path' in place
    ? new DataTerraformRemoteStateLocal(stack, id, place)
    : new DataTerraformRemoteStateGcs(stack, id, place);
}

function placeOf({ platform, env, layer }: LayerState): { path: string } | { bucket: string; prefix: string } {
  const state = stateOf(platform, env);
  // Terraform runs in <root>/<platform>/stacks/<stack>.
  if (state.kind === 'local') return { path: `../../../../.state/${platform.name}/${env}/${layer}.tfstate` };
  return { bucket: state.bucket, prefix: state.prefix.replaceAll('<env>', env).replaceAll('<layer>', layer) };
}
