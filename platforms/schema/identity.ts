import type { Platform } from './define-platform';
import { vmOf } from './environment';
import { namesOf } from './names';

/** What stays the same when a VM is restored, since the data on its disk and its clients refer to it. */
export interface Identity {
  /** Internal IPv4 address. */
  readonly address: string;
  /** Name of the Kubernetes node, which volumes are bound to. */
  readonly nodeName: string;
  /** Subject alternative names in the certificate of the API server. */
  readonly certificateNames: readonly string[];
}

/** The identity of an environment's VM. @throws {UsageError} if its cluster is not a `k0s-vm`. */
export function identityOf(platform: Platform, env: string): Identity {
  return identityOfVm(namesOf(platform.name, env).vm, vmOf(platform, env).network.address);
}

/**
 * The identity of a VM with a name and an internal address. Clients connect through a tunnel, so localhost is in the
 * certificate.
 */
export function identityOfVm(name: string, address: string): Identity {
  return { address, nodeName: name, certificateNames: [address, name, 'localhost', '127.0.0.1'] };
}
