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

/** Which state: the layer of a platform in an environment. */
export interface LayerState {
  readonly platform: Platform;
  readonly env: string;
  readonly layer: LayerId;
}

/** Keeps the state of a stack where its platform says. */
export function keepState(stack: TerraformStack, which: LayerState): void {
  const place = placeOf(which);
  if ('path' in place) new LocalBackend(stack, place);
  else new GcsBackend(stack, place);
}

/** Reads a state from another stack. Its id is the short name of the layer that it is read from. */
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
