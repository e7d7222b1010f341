import type { Platform } from './define-platform';
import { vmOf } from './environment';
import { namesOf } from './names';

/** What makes a VM the same one after a restore: what is on its disk, and who talks to it, knows it by this. */
export interface Identity {
  readonly address: string;
  /** Volumes are bound to it. */
  readonly nodeName: string;
  /** Names and addresses in the certificate of its API server. */
  readonly certificateNames: readonly string[];
}

/** The identity that the VM of an environment is given. @throws {PlatformError} when its cluster is no VM of ours. */
export function identityOf(platform: Platform, env: string): Identity {
  return identityOfVm(namesOf(platform.name, env).vm, vmOf(platform, env).network.address);
}

/** The same of a VM by its name and internal address. Clients come through a tunnel, so localhost is in the certificate. */
export function identityOfVm(name: string, address: string): Identity {
  return { address, nodeName: name, certificateNames: [address, name, 'localhost', '127.0.0.1'] };
}
